"""Legs that Telnyx has no more: they are closed once that is certain, and not before."""

import msgspec
import pytest

from shared import calls, queues
from shared.enqueue import enqueue
from shared.ids import CallId, LegId, SessionId, inbound_call_id
from shared.queues import Entry
from shared.reconcile import DeadLeg
from shared.settings import Settings
from shared.valkey import connect
from tests import sim_process
from tests.integration.workers.bench import NOBODY, accept, account, incoming, run, until, working
from tests.integration.workers.reconciling import (
    LATER,
    NOTHING,
    OURS,
    commands,
    found,
    looking,
    only_record,
    ring,
)
from tests.integration.workers.telnyx import Asked, response, telnyx

process, sim = sim_process.process, sim_process.sim


def record(client, session="session-1"):
    data = client.hget(queues.call_key(inbound_call_id(SessionId(session))), "record")
    return calls.decode(data) if data else None


def test_legs_that_telnyx_has_forgotten_are_closed_after_two_polls(url, valkey, sim):
    """Nothing is on record of them any more: only their absence tells."""

    async def scenario():
        async with working(url, sim.ready["url"]), looking(url, sim.ready["url"]) as look:
            await ring(sim, url)
            await until(lambda: "answer" in commands(sim), "the call is answered")
            await until(lambda: valkey.zcard(queues.drain_key("routing")) == 0, "nothing is being sent")
            sim.control.post("/reset")

            first = await look(LATER)
            too_soon = await look(LATER + 29)
            not_old = await look(LATER + 119)
            last = await look(LATER + 120)
            await until(lambda: only_record(valkey).step.at == "over", "the call is over")

        assert found(first) == found(too_soon) == found(not_old) == NOTHING | {"suspects": 1}
        assert found(last) == NOTHING | {"closed": 1}
        assert only_record(valkey).main_leg.ended.cause == "gone"
        assert account(valkey).balanced

    run(scenario())


@pytest.mark.parametrize(
    ("alive", "after"),
    [("true", NOTHING | {"suspects": 1}), ("false", NOTHING | {"closed": 1}), ("null", NOTHING | {"suspects": 1})],
)
def test_a_missing_leg_is_closed_only_if_telnyx_says_that_it_is_over(url, valkey, alive, after):
    ids = b'"call_control_id":"v3:session-1","call_leg_id":"session-1","call_session_id":"session-1"'
    status = b'{"data":{%s,"is_alive":%s,"end_time":"2020-01-02T03:00:00Z"}}' % (ids, alive.encode())

    async def answering(asked: Asked) -> bytes:
        body = b'{"data":[]}' if "active_calls" in asked.path or "call_events" in asked.path else status
        return response(body)

    async def scenario():
        async with telnyx(answering) as standin, working(url, standin.url), looking(url, standin.url) as look:
            await accept(url, incoming())
            await until(lambda: "answer" in standin.verbs, "the call is answered")

            first = await look(LATER)
            second = await look(LATER + 30)
            if after["closed"]:
                await until(lambda: record(valkey).step.at == "over", "the call is over")

        assert found(first) == NOTHING | {"suspects": 1}
        assert found(second) == after
        assert [asked.path for asked in standin.requests].count("/calls/v3:session-1") == 1

    run(scenario())


def test_while_telnyx_cannot_be_read_nothing_is_taken_for_missing(url, valkey):
    async def scenario():
        async with working(url, NOBODY), looking(url, NOBODY) as look:
            await accept(url, incoming())
            await until(lambda: record(valkey), "the call has begun")

            report = await look(LATER)

        assert found(report) == NOTHING
        assert [trouble.partition(":")[0] for trouble in report.troubles] == [
            "call events",
            f"active calls of connection {OURS}",
        ]

    run(scenario())


def test_a_job_that_ends_a_leg_of_a_call_that_is_forgotten_is_applied(url, valkey):
    dead = DeadLeg(CallId("call-1"), LegId("leg-1"), 1.0)
    data = queues.job_data(queues.END_LEG, 1.0, msgspec.json.encode(dead))

    async def scenario():
        redis = connect(Settings(redis_url=url))
        await enqueue(redis, [Entry("trunkline:seen:one", "1", "one", "routing", "end_leg", data)])
        async with working(url):
            await until(lambda: account(valkey).applied == 1, "the job is applied")
        await redis.aclose()

    run(scenario())

    assert account(valkey) == (1, 1, 0, 0)
