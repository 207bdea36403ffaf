"""A worker's life: how it stops, what it leaves behind, and how it comes through the outages of Valkey."""

import asyncio
import time
from urllib.parse import urlsplit

import pytest

from shared import queues
from tests.integration.workers.bench import accept, exchange, idle, incoming, noted, run, settled, until, working
from tests.integration.workers.queued import put, put_recording
from tests.integration.workers.telnyx import in_turn, telnyx, when_open
from tests.relay import Relay

SCHEDULE = queues.schedule_key("routing")


@pytest.fixture
def link(url):
    """A relay to the server; its `url` leads to the same database."""
    server = urlsplit(url)
    relay = Relay(server.port)
    relay.url = server._replace(netloc=f"127.0.0.1:{relay.port}").geturl()
    yield relay
    relay.close()


def test_an_idle_worker_stops_at_once(url, valkey):
    async def scenario():
        async with working(url) as at:
            await idle(valkey)
            begun = time.monotonic()
            at.worker.stop()
            await at.task
            return at.worker.name, time.monotonic() - begun

    name, took = run(scenario())

    assert took < 1.0
    assert valkey.zscore(queues.beat_key("routing"), name) is None


def test_a_worker_that_stops_gives_back_what_does_not_end_in_time(url, valkey, tmp_path):
    async def scenario():
        async with telnyx(in_turn(b"")) as there:
            put_recording(valkey, "file", there.url)
            hosts = (there.url.removeprefix("http://"),)
            async with working(
                url, there.url, kind="recording", folder=tmp_path, hosts=hosts, stop_within_s=2.5
            ) as at:
                await until(lambda: there.requests, "the download is under way")
                at.worker.stop()
                await at.task

    run(scenario())

    assert valkey.lrange(queues.queue_key("recording"), 0, -1) == [b"recording-file"]
    assert valkey.hget(queues.job_key("recording-file"), "status") == b"queued"
    assert not valkey.hexists(queues.job_key("recording-file"), "lost_leases")
    assert valkey.zcard(queues.lease_key("recording")) == 0


def test_a_worker_that_stops_finishes_what_it_has_begun(url, valkey):
    async def scenario():
        gate = asyncio.Event()

        async with telnyx(when_open(gate)) as there, working(url, there.url) as at:
            await accept(url, incoming())
            await until(lambda: there.requests, "its command is under way")
            at.worker.stop()
            gate.set()
            await at.task
            return there.verbs

    verbs = run(scenario())

    assert verbs == ["answer"]
    assert valkey.zcard(queues.drain_key("routing")) == 0


def test_a_worker_that_rqs_tools_have_forgotten_registers_again(url, valkey):
    """As after a minute without Valkey: its hash has run out, and `rq info` has cleaned up behind it."""

    async def scenario():
        async with working(url) as at:
            valkey.delete(at.worker.key)
            valkey.srem("rq:workers", at.worker.key)
            valkey.srem("rq:workers:routing", at.worker.key)
            await until(lambda: valkey.hget(at.worker.key, "state") == b"idle", "it is registered and beats")
            names = {name: valkey.sismember(name, at.worker.key) for name in ("rq:workers", "rq:workers:routing")}
            return names, valkey.hget(at.worker.key, "birth")

    names, birth = run(scenario())

    assert names == {"rq:workers": 1, "rq:workers:routing": 1}
    assert birth is not None


def test_a_worker_goes_on_by_itself_after_valkey_was_killed(own_valkey, client_of):
    url, server = own_valkey.connection_url, client_of(own_valkey)

    async def scenario():
        async with working(url) as at:
            await accept(url, noted("before"))
            await settled(server, 1)
            own_valkey._process.kill()
            own_valkey._process.wait()
            own_valkey._process = None
            await until(lambda: own_valkey.start() or True, "Valkey is back")
            back = time.monotonic()
            await accept(url, noted("after"))
            await settled(server, 2)
            took = time.monotonic() - back
            await until(lambda: server.hget(at.worker.key, "state"), "it is registered")
            return took

    assert run(scenario()) < 4.0


def test_a_worker_survives_losing_its_connections_at_any_time(url, valkey):
    async def scenario():
        async with working(url):
            for n in range(20):
                await accept(url, *(noted(f"session-{n}-{m}") for m in range(5)))
                for client in valkey.client_list():
                    if client["cmd"] != "client|list" and client["addr"] != valkey.client_info()["addr"]:
                        valkey.client_kill_filter(_id=client["id"])
            await settled(valkey, 100)

    run(scenario())


def test_a_full_server_makes_events_wait_and_parks_none(url, valkey):
    job_id = put(valkey, noted())
    valkey.delete(queues.queue_key("routing"))
    valkey.zadd(SCHEDULE, {job_id: valkey.time()[0] + 3600})

    async def scenario():
        async with working(url):
            await idle(valkey)
            valkey.zadd(SCHEDULE, {job_id: 1.0})
            valkey.config_set("maxmemory", 1)
            await until(lambda: valkey.hget(queues.job_key(job_id), "exceptions") == b"0", "it was tried")
            still = valkey.zscore(queues.pending_key("routing"), job_id)
            valkey.config_set("maxmemory", 0)
            await settled(valkey, 1)
            return still

    try:
        assert run(scenario()) is not None
    finally:
        valkey.config_set("maxmemory", 0)


def test_a_job_whose_start_a_worker_never_heard_of_is_given_back_as_soon_as_valkey_is_there_again(
    url, valkey, link
):
    async def scenario():
        async with working(link.url) as at, exchange(url, at.worker.name) as itself:
            await idle(valkey)
            link.hold()
            (event,) = await accept(url, noted())
            tries = [
                await itself.trip([], 0.0, 1, ids) for ids in ([], [event.encode()])
            ]  # it may be moved already
            (job,) = [job for trip in tries for job in trip.taken]
            member = f"{event}:{job.execution}"
            assert valkey.zadd(queues.lease_key("routing"), {member: time.time() + 60}, xx=True, ch=True) == 1
            link.reset()
            link.heal()
            await until(lambda: valkey.zscore(queues.pending_key("routing"), event) is None, "it has run")

    run(scenario())


def test_a_drain_that_valkey_interrupts_goes_on_under_its_own_claim(url, valkey, link):
    async def scenario():
        gate = asyncio.Event()

        async with telnyx(when_open(gate)) as there, working(link.url, there.url) as at:
            await accept(url, incoming())
            await until(lambda: there.requests, "its command is under way")
            (call,) = valkey.zrange(queues.drain_key("routing"), 0, -1)
            link.refuse()
            gate.set()
            await until(lambda: not at.drains.held(), "the drain is interrupted")
            valkey.zadd(queues.drain_key("routing"), {call: time.time() + 60}, xx=True)
            link.targets = [valkey.connection_pool.connection_kwargs["port"]]
            await until(lambda: not valkey.exists(queues.outbox_key(call.decode())), "it is settled")
        return there.requests

    requests = run(scenario())

    assert len({asked.command_id for asked in requests if asked.verb == "answer"}) == 1
