"""What workers count of jobs, commands, Telnyx's answers and machine detection."""

import time
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from shared import metrics, queues
from shared.dialplan import Hangup
from tests.integration.workers.bench import accept, incoming, parts, run, settled, until, working
from tests.integration.workers.commits import outgoing
from tests.integration.workers.queued import put, put_hash, webhook_data
from tests.integration.workers.sending import finished, send
from tests.integration.workers.telnyx import in_turn, reply, telnyx
from tests.signing import webhook_body
from workers.engine.sweep import Sweep

HOOKED = """
version = 1
timezone = "UTC"
[[rules]]
name = "all"
when = {}
then = { do = "hook", call = "hooks:choose" }
[default]
then = { do = "reject" }
"""


def fails(_call, _now):
    raise ZeroDivisionError("+13125550100")


@pytest.fixture(autouse=True)
def _nothing_is_counted_yet():
    metrics.take()


def counts(*names):
    """What was counted, without times and buckets."""
    return {field: n for field, n in metrics.take().items() if field.partition("|")[0] in names}


def observed(taken, name):
    """How many times, and the seconds in all."""
    of_it = {field: n for field, n in taken.items() if field.startswith(f"{name}|")}
    total = sum(n for field, n in of_it.items() if field.endswith("|sum"))
    return sum(of_it.values()) - total, total / 1e6


@pytest.mark.parametrize(
    ("answers", "commands", "answered", "resends"),
    [
        ([reply()], {"effective": 1}, {"2xx": 1}, {}),
        ([reply(422, "90055")], {"failed": 1}, {"4xx": 1}, {}),
        ([reply(500), reply()], {"effective": 1}, {"5xx": 1, "2xx": 1}, {"answer": 1}),
        ([b"", reply()], {"effective": 1}, {"2xx": 1}, {"silence": 1}),
        ([reply(500), reply(422, "90055")], {"unknown": 1}, {"5xx": 1, "4xx": 1}, {"answer": 1}),
    ],
    ids=["taken", "refused", "failed-once", "silent-once", "unproven"],
)
def test_a_command_is_counted_once_by_its_outcome_and_each_answer_by_its_class(
    url, valkey, answers, commands, answered, resends
):
    async def scenario():
        async with telnyx(in_turn(*answers)) as there, parts(url, there.url) as at:
            await send(at, outgoing(1))
            await finished(at, valkey)

    run(scenario())

    found = counts("commands_total", "telnyx_answers_total", "resends_total")
    wanted = {f"commands_total|hangup|{outcome}": n for outcome, n in commands.items()}
    wanted |= {f"telnyx_answers_total|{answer}": n for answer, n in answered.items()}
    assert found == wanted | {f"resends_total|{why}": n for why, n in resends.items()}


def test_from_webhook_to_command_runs_from_the_receipt_at_the_ingress(url, valkey):
    async def scenario():
        body = incoming()
        data = queues.job_data(queues.APPLY_WEBHOOK, time.time() - 4.0, body)
        put_hash(valkey, "a-webhook", data)
        valkey.rpush(queues.queue_key("routing"), "a-webhook")
        async with telnyx() as there, working(url, there.url):
            await until(lambda: there.requests, "a command has gone out")
            await until(lambda: not valkey.zcard(queues.drain_key("routing")), "it is settled")

    run(scenario())

    count, seconds = observed(metrics.take(), "webhook_to_command_seconds")
    assert count == 1
    assert 4.0 <= seconds < 30.0


def test_jobs_are_counted_with_their_verdict_and_their_times(url, valkey):
    async def scenario():
        async with working(url):
            await accept(url, incoming(to="+13125559999"))
            valkey.hset(queues.job_key("nonsense"), mapping={"data": "x", "status": "queued"})
            valkey.rpush(queues.queue_key("routing"), "nonsense")
            await settled(valkey, 1)
            await until(lambda: valkey.zcard(queues.failed_key("routing")), "the other one is parked")

    run(scenario())

    taken = metrics.take()
    assert taken["jobs_total|routing|done"] == 1
    assert taken["jobs_total|routing|park"] == 1
    assert observed(taken, "job_run_seconds")[0] == 2
    assert observed(taken, "job_wait_seconds")[0] == 1  # nobody knows since when the other one was there


def test_what_is_due_is_queued_from_then_on_and_what_goes_back_has_been_queued_all_the_time(url, valkey):
    long_ago = queues.rq_time(datetime.fromtimestamp(time.time() - 900, UTC))
    put_hash(valkey, "timer", b"x", status="scheduled", enqueued_at=long_ago)
    valkey.zadd(queues.schedule_key("routing"), {"timer": 1})
    put_hash(valkey, "given-back", webhook_data(incoming()), enqueued_at=long_ago)
    valkey.zadd(queues.lease_key("routing"), {"given-back:dead": 1})
    valkey.zadd(queues.beat_key("routing"), {"alive": valkey.time()[0]})

    async def scenario():
        async with parts(url) as at:
            await Sweep(at.client, "routing").once()

    run(scenario())

    since = {job: valkey.hget(queues.job_key(job), "enqueued_at").decode() for job in ("timer", "given-back")}
    assert since["given-back"] == long_ago
    assert since["timer"] > long_ago
    assert counts("swept_total") == {"swept_total|routing|put_back": 1}


def test_a_verdict_is_counted_when_it_is_applied_and_not_again(url, valkey):
    async def scenario():
        ids = {"call_control_id": "v3:one", "call_leg_id": "one", "call_session_id": "one"}
        verdict = webhook_body("call.machine.premium.detection.ended", result="human_business", **ids)
        strange = webhook_body("call.machine.detection.ended", result="a robot", **ids)
        async with working(url):
            put(valkey, verdict)
            put(valkey, verdict)
            put(valkey, strange)
            await until(lambda: not valkey.llen(queues.queue_key("routing")), "all are taken")
            await until(lambda: not valkey.zcard(queues.lease_key("routing")), "all are done")

    run(scenario())

    assert counts("amd_verdicts_total") == {
        "amd_verdicts_total|human_business": 1,
        "amd_verdicts_total|other": 1,
    }


@pytest.mark.parametrize(
    ("hook", "answer", "logged"),
    [
        (fails, "failed", "raised ZeroDivisionError (test_counted.py:"),
        (lambda _call, _now: Hangup(), "action", ""),
        (lambda _call, _now: None, "none", ""),
    ],
    ids=["fails", "chooses", "leaves it to the default"],
)
def test_what_a_hook_answered_is_counted_and_one_that_fails_is_an_error_in_the_log(
    url, valkey, hook, answer, logged
):
    async def scenario():
        async with telnyx() as there, working(url, there.url, plan=HOOKED, hooks={"hooks:choose": hook}):
            await accept(url, incoming())
            await settled(valkey, 1)

    with capture_logs() as logs:
        run(scenario())

    assert counts("hooks_total") == {f"hooks_total|{answer}": 1}
    told = [line["reason"] for line in logs if line["event"] == "hook_failed"]
    assert [reason[: len(logged)] for reason in told] == [logged] * bool(logged)
