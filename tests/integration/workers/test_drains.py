"""The drains of a process: the room for them, pauses, and outcomes on their way back into the calls."""

import asyncio

import structlog

from shared import queues, timeline
from shared.events import read_envelope
from tests.integration.workers.bench import incoming, parts, run, until
from tests.integration.workers.commits import CALL, LEG, call, change, committed, decided, leg, outgoing
from tests.integration.workers.sending import finished, send, states
from tests.integration.workers.telnyx import telnyx, when_open
from workers.delivery.entries import Times


def test_a_call_beyond_the_limit_is_given_back_and_taken_when_there_is_room(url, valkey):
    async def scenario():
        gate = asyncio.Event()

        async with telnyx(when_open(gate)) as there, parts(url, there.url, drains_at_once=1) as at:
            await send(at, outgoing(1), call_id="call-0")
            await send(at, outgoing(1))
            await until(lambda: valkey.hget(queues.call_key(CALL), "token") is None, "the second is given back")
            await until(lambda: len(at.drains) == 1 and there.requests, "only the first is sent")
            while_full = [asked.verb for asked in there.requests]
            gate.set()
            await until(lambda: not len(at.drains), "the first is done")
            await at.drains.claim_due()
            return while_full, await finished(at, valkey)

    while_full, became = run(scenario())

    assert while_full == ["hangup"]
    assert became == {1: "done"}


def test_a_pause_lets_the_try_in_flight_end_and_gives_the_rest_back(url, valkey):
    async def scenario():
        gate = asyncio.Event()

        async with telnyx(when_open(gate)) as there, parts(url, there.url) as at:
            await send(at, outgoing(1), outgoing(2))
            await until(lambda: there.requests, "the first is under way")
            at.drains.pause()
            gate.set()
            await until(lambda: not len(at.drains), "the drain has ended")
            return there, await states(at), valkey.hget(queues.call_key(CALL), "token")

    there, became, held = run(scenario())

    assert len(there.requests) == 1
    assert became == {1: "done", 2: "open"}
    assert held is None


def test_an_answer_that_cannot_be_stored_ends_the_drain_and_not_the_process(url, valkey):
    """A call whose dialplan is gone: its claim ends, and whoever can read it goes on."""

    async def scenario():
        async with telnyx() as there, parts(url, there.url) as at:
            before = await at.store.load_call(CALL)
            result = await at.store.commit(change(before, decided(call(plan="gone"), outgoing(1))))
            at.drains.start(result.claim, result.sending)
            await until(lambda: there.requests and not len(at.drains), "the drain has ended")
            await send(at, outgoing(1), call_id="call-2")
            return await states(at), await finished(at, valkey, "call-2")

    with structlog.testing.capture_logs() as logs:
        orphan, other = run(scenario())

    assert [line["call"] for line in logs if line["event"] == "drain_failed"] == [CALL]
    assert orphan == {1: "open"}
    assert other == {1: "done"}


def scripts_run(valkey):
    return valkey.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"]


def test_an_outcome_is_decided_on_the_record_that_came_with_the_claim(url, valkey):
    async def scenario():
        async with telnyx() as there, parts(url, there.url) as at:
            result = await committed(at.store, outgoing(1))
            before = scripts_run(valkey)
            at.drains.start(result.claim, result.sending)
            await until(lambda: not valkey.exists(queues.outbox_key(CALL)), "it is settled")
            return scripts_run(valkey) - before, await states(at)

    assert run(scenario()) == (1, {1: "done"})


def test_an_outcome_is_decided_anew_where_its_call_has_changed_meanwhile(url, valkey):
    async def scenario():
        gate = asyncio.Event()

        async with telnyx(when_open(gate)) as there, parts(url, there.url) as at:
            await send(at, outgoing(1))
            await until(lambda: there.requests, "it is under way")
            loaded = await at.store.load_call(CALL)
            learned = call(sent=loaded.call.sent, legs={LEG: leg(answered_at=1.0)})
            assert (await at.store.commit(change(loaded, decided(learned)))).verdict == "ok"
            gate.set()
            became = await finished(at, valkey)
            return became, (await at.store.load_call(CALL)).call.legs[LEG].answered_at

    assert run(scenario()) == ({1: "done"}, 1.0)


def test_of_100_events_of_one_call_on_two_workers_at_once_each_is_applied_once(url, valkey):
    async def scenario():
        async with telnyx() as there, parts(url, there.url) as a, parts(url, there.url, worker="worker-b") as b:
            bodies = [incoming("hot", to="+19995550100") for _ in range(100)]
            workers = [(a, b)[n % 2] for n in range(100)]
            await asyncio.gather(
                *(
                    one.handler.webhook(read_envelope(body), body, Times())
                    for one, body in zip(workers, bodies, strict=True)
                )
            )
            (call_id,) = [call_id.decode() for call_id in valkey.zrange(queues.CALLS, 0, -1)]
            await finished(a, valkey, call_id)
            return there, call_id

    there, call_id = run(scenario())

    events = [timeline.decode(entry) for entry in valkey.lrange(queues.timeline_key(call_id), 0, -1)]
    assert valkey.scard(queues.applied_key(call_id)) == 100
    assert len([one for one in events if isinstance(one, timeline.EventEntry)]) == 100
    assert max(one.version for one in events if isinstance(one, timeline.EventEntry)) <= 102
    assert there.verbs == ["reject"]
