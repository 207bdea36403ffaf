"""The engine under bad jobs and under a crowd of events of one call, and the probe for platforms without HTTP."""

import time

import pytest

from shared import queues
from shared.ids import SessionId, inbound_call_id
from tests import signing
from tests.delivering import deliver_all
from tests.e2e.process import Process, procfile
from tests.e2e.stack import Stack

GOOD, HOT = 50, 100
SENDERS = 25


def job(data, **fields):
    """A job hash as RQ reads it, with the fields that RQ's own tools would set."""
    return {"data": data, "status": "queued", "origin": "routing", "enqueued_at": "", "timeout": "30", **fields}


def put_poison(stack):
    """Push what no worker may run, as somebody with access to the queue could; job id -> its reason."""
    webhook = queues.job_data(queues.APPLY_WEBHOOK, time.time(), signing.webhook_body())
    jobs = {
        "unknown-function": (
            job(queues.job_data("os.system", time.time(), b"true")),
            "unknown function 'os.system'",
        ),
        "no-msgpack": (job(b"\x80\x04pickle"), "its data is not what a job carries"),
        "no-event": (job(queues.job_data(queues.APPLY_WEBHOOK, time.time(), b"{}")), "not an event"),
        "callback": (job(webhook, success_callback_name="os.abort"), "a job here has no success_callback_name"),
    }
    for job_id, (fields, _) in jobs.items():
        stack.redis.hset(queues.job_key(job_id), mapping=fields)
        stack.redis.rpush(queues.queue_key("routing"), job_id)
    return {job_id: reason for job_id, (_, reason) in jobs.items()}


def test_poison_jobs_are_parked_with_their_reason_and_the_good_ones_beside_them_are_applied(own_stack):
    stack = own_stack("--adopt").start("web")
    calls = [f"session-{n}" for n in range(GOOD)]
    bodies = [
        signing.webhook_body(direction="incoming", to="+13125550999", call_session_id=session) for session in calls
    ]
    spoilt = signing.webhook_body()
    deliver_all(stack.post, bodies[:25], SENDERS)
    reasons = put_poison(stack)
    assert stack.post(spoilt) == 200
    stack.redis.set(queues.job_key(signing.event_id_of(spoilt)), "no hash any more")
    deliver_all(stack.post, bodies[25:], SENDERS)

    stack.start("routing")  # good and bad are in one batch
    stack.until_worked_off(4.0)  # before the search for lost jobs, after 5 s, could mend anything

    audit = stack.books.audit()
    assert (audit.accepted, audit.applied, audit.parked, audit.is_balanced) == (GOOD + 1, GOOD, 1, True)
    assert [entry.verb for entry in stack.sim.ledger() if entry.effective] == ["reject"] * GOOD
    assert {inbound_call_id(SessionId(session)) for session in calls} == {call.id for call in stack.books.calls()}
    letters = stack.books.dead_letters("routing")
    assert letters.keys() == reasons.keys()
    assert [job_id for job_id, reason in reasons.items() if reason not in letters[job_id]] == []
    (rest,) = stack.redis.lrange(queues.PARKED, 0, -1)
    assert rest.startswith(signing.event_id_of(spoilt).encode())
    assert b"WRONGTYPE" in rest
    assert stack.running["routing"].is_alive
    assert stack.running["routing"].output.count("worker_started") == 1


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("engine"), "--adopt") as stack:
        stack.sim.config(webhook_url=None)
        yield stack.start("web", "routing", "routing")


def test_a_hundred_events_of_one_call_at_once_on_two_workers_are_each_applied_once(stack, record_property):
    ids = {"call_session_id": "hot", "call_leg_id": "hot-leg", "call_control_id": "v3:hot"}
    begin = signing.webhook_body("call.initiated", **ids, direction="incoming", to="+13125550300")
    spoken = [signing.webhook_body("call.speak.ended", **ids) for _ in range(HOT - 2)]
    bodies = [*spoken[:49], begin, *spoken[49:], signing.webhook_body("call.answered", **ids)]
    before = stack.books.audit()

    begun = time.monotonic()
    deliver_all(stack.post, bodies, SENDERS)
    stack.until_worked_off()

    record_property("worked_off_after_s", round(time.monotonic() - begun, 2))
    after = stack.books.audit()
    assert (after.applied - before.applied, after.parked, after.is_balanced) == (HOT, 0, True)
    applied = [event.id for event in stack.books.events(inbound_call_id(SessionId("hot"))) if event.raw]
    assert sorted(applied) == sorted(map(signing.event_id_of, bodies))
    leg = stack.books.call(inbound_call_id(SessionId("hot"))).main_leg
    assert len(leg.spoken_at) == HOT - 2  # no commit has written over what another had learnt
    on_leg = [entry for entry in stack.sim.ledger() if entry.call_control_id == "v3:hot"]
    verbs = [entry.verb for entry in on_leg]
    in_order = [verb for verb in ("answer", "speak", "hangup") if verb in verbs]
    assert verbs == in_order  # each at most once
    assert verbs[-1] == "hangup"  # what came before it depends on what was known first
    assert all(entry.effective for entry in on_leg)


def check(stack, tmp_path, kind):
    argv = procfile()[kind]
    process = Process([*argv[:-1], "--check", kind], stack.env(), tmp_path / "check.log")
    try:
        return process.ended()
    finally:
        process.kill()


def test_the_probe_finds_a_live_worker_of_its_kind_and_no_other(stack, tmp_path):
    assert check(stack, tmp_path, "routing") == 0
    assert check(stack, tmp_path, "recording") == 1
