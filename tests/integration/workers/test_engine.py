"""A whole worker: what it takes and when, and that nothing stops it from taking the next job."""

import asyncio
import time

import pytest

from shared import queues
from tests.integration.workers.bench import accept, idle, incoming, noted, parts, run, settled, until, working
from tests.integration.workers.commits import CALL, call, change, committed, decided, outgoing
from tests.integration.workers.queued import put_hash, put_recording
from tests.integration.workers.telnyx import in_turn, reply, telnyx, when_open
from workers.delivery.attempt import TIMEOUT_S
from workers.logic.decision import Timer

QUEUE, SCHEDULE = queues.queue_key("routing"), queues.schedule_key("routing")


def test_an_accepted_event_is_applied_and_its_job_deleted(url, valkey):
    async def scenario():
        async with working(url):
            (job_id,) = await accept(url, noted())
            await settled(valkey, 1)
            await until(lambda: not valkey.exists(queues.job_key(job_id)), "its job is deleted")

    run(scenario())

    assert valkey.llen(QUEUE) == valkey.zcard(queues.lease_key("routing")) == 0


@pytest.mark.parametrize("stale", [b"done-long-ago", b"\xff"], ids=["done", "no text"])
def test_a_stale_id_does_not_stop_an_idle_worker(url, valkey, stale):
    async def scenario():
        async with working(url):
            await idle(valkey)
            valkey.rpush(QUEUE, stale)
            await until(lambda: not valkey.llen(QUEUE), "the stale id is taken")
            await accept(url, noted())
            await settled(valkey, 1)

    run(scenario())


def test_a_worker_for_one_job_at_a_time_goes_on_while_telnyx_is_silent(url, valkey):
    """Commands under way have a budget of their own."""

    async def scenario():
        never = in_turn(*[b""] * 100)
        async with telnyx(never) as there, working(url, there.url, concurrency=1, stop_within_s=2.5):
            await accept(url, incoming("first"))
            await until(lambda: there.requests, "the first command is under way")
            await accept(url, incoming("second"), noted("third"))
            await settled(valkey, 3)

    run(scenario())


def test_events_go_on_while_every_drain_is_busy_and_their_commands_follow(url, valkey):
    async def scenario():
        gate = asyncio.Event()

        async with telnyx(when_open(gate)) as there, working(url, there.url, concurrency=2):
            await accept(url, *(incoming(f"call-{n}") for n in range(6)))
            await settled(valkey, 6)
            gate.set()
            await until(lambda: len({one.path for one in there.requests}) == 6, "every call is answered")

    run(scenario())


def test_a_job_that_may_be_what_kills_workers_runs_when_nothing_else_does(url, valkey, tmp_path):
    """Recordings: their downloads tell who runs at the same time. One more comes while each of them runs."""
    running, together = set(), []

    async def slow_file(asked):
        running.add(asked.path)
        together.append(set(running))
        if asked.path in {"/file-1", "/file-2"}:
            put_recording(valkey, f"{asked.path[1:]}-came-late", there_is[0].url)
        await asyncio.sleep(0.3)
        running.discard(asked.path)
        return reply()

    there_is = []

    async def scenario():
        async with telnyx(slow_file) as there:
            there_is.append(there)
            for n in range(4):
                put_recording(valkey, f"file-{n}", there.url, lost_leases=2 if n in {1, 2} else 0)
            hosts = (there.url.removeprefix("http://"),)
            async with working(url, there.url, kind="recording", folder=tmp_path, hosts=hosts):
                await until(lambda: len(list(tmp_path.glob("*.wav"))) == 6, "all files are fetched")

    run(scenario())

    assert {"/file-0", "/file-3"} in together
    assert [one for one in together if one & {"/file-1", "/file-2"} and len(one) > 1] == []


def test_a_timer_fires_when_it_is_due(url, valkey):
    async def scenario():
        async with parts(url) as at:
            record = call(timers={"a wait": 1})
            before = await at.store.load_call(CALL)
            await at.store.commit(change(before, decided(record, timers=(Timer("a wait", 0.3),))))
            async with working(url):
                await until(lambda: valkey.hget(queues.call_key(CALL), "version") == b"2", "it has fired")
            return (await at.store.load_call(CALL)).call

    fired = run(scenario())

    assert (fired.timers, fired.fired) == ({}, {"a wait"})
    assert valkey.zcard(SCHEDULE) == 0


def test_a_timer_of_a_call_that_is_forgotten_makes_no_new_one(url, valkey):
    body = queues.MsgpackSerializer.dumps(("forgotten", "a wait", 3))
    put_hash(valkey, "timer-forgotten-3-a-wait", queues.job_data(queues.FIRE_TIMER, time.time(), body))
    valkey.rpush(QUEUE, "timer-forgotten-3-a-wait")

    async def scenario():
        async with working(url):
            await until(lambda: not valkey.exists(queues.job_key("timer-forgotten-3-a-wait")), "it is done")

    run(scenario())

    assert not valkey.exists(queues.call_key("forgotten"))
    assert valkey.zcard(queues.failed_key("routing")) == 0


def test_a_command_that_another_worker_commits_goes_out_though_the_drain_of_its_call_is_busy(url, valkey):
    """The other worker nudges it: else it would look again only when it has given up its request."""

    async def scenario():
        gate = asyncio.Event()

        async def first_is_slow(asked):
            if asked.verb == "hangup":
                await gate.wait()
            return reply()

        async with telnyx(first_is_slow) as there, working(url, there.url) as at, parts(url) as other:
            name = queues.nudge_channel(at.worker.name)
            await until(lambda: dict(valkey.pubsub_numsub(name))[name.encode()], "the worker listens")
            async with parts(url, worker="worker-b") as committer:
                before = (await committed(committer.store, outgoing(1))).claim
                await committer.store.release(before, list(before.waiting.values()), before.now, 0.0)
            await until(lambda: there.verbs == ["hangup"], "its first command is under way", within_s=5.0)
            begun = time.monotonic()
            await committed(other.store, outgoing(2, "dial"))
            await until(lambda: "calls" in there.verbs, "the second goes out")
            took = time.monotonic() - begun
            gate.set()
            return took

    assert run(scenario()) < TIMEOUT_S
