"""What Telnyx knows and we don't, with a worker and the stand-in: it is fed in once, and the call goes on."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from shared import queues
from shared.reconcile import Limits
from shared.settings import Settings
from shared.telnyx import Telnyx
from shared.valkey import connect
from tests import sim_process
from tests.integration.workers.bench import accept, account, incoming, run, until, working
from tests.integration.workers.reconciling import (
    LATER,
    NOTHING,
    OURS,
    commands,
    found,
    looking,
    only_record,
    ring,
    until_told,
)
from tests.integration.workers.telnyx import Asked, response, telnyx
from workers.reconcile import Reconciling

process, sim = sim_process.process, sim_process.sim


def wire_time(at):
    return datetime.fromtimestamp(at, UTC).isoformat().encode()


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


def test_a_fact_that_is_on_record_by_its_name_alone_is_fed_in_once(url, valkey):
    ids = b'"call_leg_id":"session-1","call_session_id":"session-1","metadata":{}'
    row = b'{"event_timestamp":"%s","name":"call.answered","type":"webhook",%s}' % (wire_time(time.time()), ids)

    async def answering(asked: Asked) -> bytes:
        return response(b'{"data":[%s]}' % (row if "call_events" in asked.path else b""))

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
