"""Calls that Telnyx and we know differently, with a real Valkey, a worker, and the stand-in as a process.

The stand-in sends no webhooks here: each test hands over those that it lets arrive. Time is an argument of a
run, so "later" is told and not waited for.
"""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import pytest

from shared import calls, queues
from shared.enqueue import enqueue
from shared.ids import CallId, LegId, SessionId, inbound_call_id
from shared.queues import Entry
from shared.reconcile import DeadLeg, Limits, Report, reconcile
from shared.settings import Settings
from shared.telnyx import Api, Telnyx
from shared.valkey import connect
from tests import sim_process
from tests.integration.workers.bench import CLINIC, NOBODY, accept, account, incoming, run, until, working
from tests.integration.workers.telnyx import Asked, telnyx
from workers.reconcile import Reconciling

OURS = "2900000000000000001"
LATER = 200.0  # so that whatever is there is older than two minutes


process, sim = sim_process.process, sim_process.sim


@asynccontextmanager
async def looking(url, telnyx_url):
    """What a run needs: `look(after_s)` is one that begins so much later."""
    client = connect(Settings(redis_url=url))
    telnyx_client = Telnyx(telnyx_url, "key")
    began = time.time()

    async def look(after_s: float, **more) -> Report:
        return await reconcile(client, Api(telnyx_client), {OURS}, began + after_s, began - 3600, **more)

    try:
        yield look
    finally:
        await telnyx_client.aclose()
        await client.aclose()


def webhooks(sim):
    """The bodies that Telnyx would have sent so far, in order, by their type."""
    rows = sim.api.get("/call_events", params={"filter[type]": "webhook", "page[size]": 250}).json()["data"]
    return [(row["name"], msgspec.json.encode({"data": row["metadata"]["event"]})) for row in rows]


def commands(sim):
    return [entry["verb"] for entry in sim.get("ledger")]


async def until_told(sim, event_type):
    """The body of the first webhook of a type, as soon as it would be sent."""
    await until(lambda: event_type in [name for name, _ in webhooks(sim)], event_type)
    return dict(reversed(webhooks(sim)))[event_type]


async def ring(sim, url):
    """A call comes in, and its call.initiated arrives."""
    ccid = sim.ring_in(to=CLINIC)
    await accept(url, await until_told(sim, "call.initiated"))
    return ccid


def record(client, session="session-1"):
    data = client.hget(queues.call_key(inbound_call_id(SessionId(session))), "record")
    return calls.decode(data) if data else None


def only_record(client):
    (call,) = client.zrange(queues.CALLS, 0, -1)
    return calls.decode(client.hget(queues.call_key(call.decode()), "record"))


def wire_time(at):
    return datetime.fromtimestamp(at, UTC).isoformat().encode()


def found(report):
    return {name: len(getattr(report, name)) for name in ("closed", "fed", "missed", "unknown")} | {
        "suspects": report.suspects
    }


NOTHING = {"closed": 0, "fed": 0, "missed": 0, "unknown": 0, "suspects": 0}


def test_an_answered_that_was_lost_is_fed_in_and_the_call_goes_on(url, valkey, sim):
    async def scenario():
        async with working(url, sim.ready["url"]), looking(url, sim.ready["url"]) as look:
            await ring(sim, url)
            await until_told(sim, "call.answered")

            report = await look(LATER)
            await until(lambda: "transfer" in commands(sim), "the caller is transferred")
            again = await look(LATER)

        assert found(report) == NOTHING | {"fed": 1}
        assert report.fed[0].event == "call.answered"
        # the leg that it was transferred to may be answered by now, too
        assert (report.fed[0].event, report.fed[0].leg) not in [(fed.event, fed.leg) for fed in again.fed]
        assert commands(sim).count("transfer") == 1

    run(scenario())


def test_a_hangup_that_was_lost_ends_its_call_with_its_cause_and_the_account_adds_up(url, valkey, sim):
    async def scenario():
        async with working(url, sim.ready["url"]), looking(url, sim.ready["url"]) as look:
            ccid = await ring(sim, url)
            await until_told(sim, "call.answered")
            sim.control.post(f"/legs/{ccid}/hangup")
            await until_told(sim, "call.hangup")

            report = await look(LATER)
            await until(lambda: only_record(valkey).step.at == "over", "the call is over")
            await until(lambda: account(valkey).pending == 0, "everything is applied")

        assert [fed.event for fed in report.fed] == ["call.hangup", "call.answered"]
        assert commands(sim) == ["answer"]
        assert only_record(valkey).main_leg.ended.cause == "normal_clearing"
        assert valkey.zcard(queues.ALIVE) == 0
        assert account(valkey).balanced

    run(scenario())


def test_the_late_webhook_of_what_was_fed_in_is_a_duplicate(url, valkey, sim):
    async def scenario():
        async with working(url, sim.ready["url"]), looking(url, sim.ready["url"]) as look:
            await ring(sim, url)
            answered = await until_told(sim, "call.answered")
            await look(LATER)
            await until(lambda: account(valkey).applied == 2, "what was fed in is applied")

            await accept(url, answered)

        assert account(valkey) == (2, 2, 0, 0)
        assert valkey.hget(queues.STATS, "duplicates") == b"1"

    run(scenario())


def test_nothing_is_done_about_what_is_younger_than_two_minutes(url, valkey, sim):
    async def scenario():
        async with working(url, sim.ready["url"]), looking(url, sim.ready["url"]) as look:
            ccid = await ring(sim, url)
            await until_told(sim, "call.answered")
            sim.answered()
            sim.control.post(f"/legs/{ccid}/hangup")
            await until_told(sim, "call.hangup")

            report = await look(100.0)

        assert found(report) == NOTHING
        assert account(valkey).accepted == 1

    run(scenario())


def test_an_incoming_call_that_is_found_only_now_is_reported_and_never_commanded(url, valkey, sim):
    async def scenario():
        async with working(url, sim.ready["url"]), looking(url, sim.ready["url"]) as look:
            sim.answered()
            await until_told(sim, "call.answered")
            early = await look(0.0)

            report = await look(LATER)
            again = await look(LATER + 60)

        assert found(early) == NOTHING
        assert found(report) == found(again) == NOTHING | {"missed": 1, "unknown": 1}
        assert (report.missed[0].from_, report.missed[0].to) == ("+1•••42", "+1•••00")
        assert commands(sim) == ["answer"]  # the test's own
        assert account(valkey).accepted == 0
        assert valkey.hmget(queues.RECONCILED, "missed", "unknown", "runs") == [b"1", b"1", b"3"]

    run(scenario())


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


def http(body):
    return b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def test_a_fact_that_is_on_record_by_its_name_alone_is_fed_in_once(url, valkey):
    ids = b'"call_leg_id":"session-1","call_session_id":"session-1","metadata":{}'
    row = b'{"event_timestamp":"%s","name":"call.answered","type":"webhook",%s}' % (wire_time(time.time()), ids)

    async def answering(asked: Asked) -> bytes:
        return http(b'{"data":[%s]}' % (row if "call_events" in asked.path else b""))

    async def scenario():
        async with telnyx(answering) as standin, working(url, standin.url), looking(url, standin.url) as look:
            await accept(url, incoming())
            await until(lambda: "answer" in standin.verbs, "the call is answered")

            reports = [await look(LATER), await look(LATER)]
            await until(lambda: "transfer" in standin.verbs, "the caller is transferred")
            reports.append(await look(LATER))

        assert [[fed.event for fed in report.fed] for report in reports] == [["call.answered"], [], []]
        assert standin.verbs.count("transfer") == 1

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
        return http(body)

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


def test_a_run_takes_no_more_than_its_limits_and_says_so(url, valkey, sim):
    async def scenario():
        sim.answered()
        sim.answered()
        async with looking(url, sim.ready["url"]) as look:
            return await look(LATER, limits=Limits(events=3, legs=1))

    report = run(scenario())

    assert report.unknown == ()
    assert 0 < report.upto < time.time()
    assert report.troubles == (
        "call events: too many for one run, 3 of them were compared",
        f"active calls of connection {OURS}: too many for one run, 1 of them were compared",
    )


def test_of_two_workers_that_come_at_once_one_reconciles(url, valkey, sim):
    async def scenario():
        sim.answered()
        client = Telnyx(sim.ready["url"], "key")
        redis = connect(Settings(redis_url=url))
        workers = [Reconciling(redis, client, {OURS}) for _ in range(2)]
        now = time.time() + LATER
        reports = await asyncio.gather(*(worker.turn(now) for worker in workers))
        await client.aclose()
        await redis.aclose()
        return reports, now

    reports, now = run(scenario())

    (report,) = [report for report in reports if report is not None]
    assert found(report)["missed"] == 1
    assert valkey.hget(queues.RECONCILED, "runs") == b"1"
    assert float(valkey.hget(queues.RECONCILED, "upto")) == pytest.approx(now - 120)
    assert 0 < valkey.pttl(queues.RECONCILING) <= 50_000


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
