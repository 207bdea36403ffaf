"""`trunkline queues drain`, and the fleet's numbers: real workers in the middle of calls."""

import json

import httpx
from rq.command import send_shutdown_command, send_stop_job_command
from rq.job import Job

from shared.queues import MsgpackSerializer
from tests.command import trunkline_process
from tests.e2e.busy import CALLED_BACK, DONE, busy
from tests.waiting import wait_for, wait_until

CALLS = 8
PASSWORD = "open sesame"


def test_draining_a_kind_stops_its_workers_in_the_middle_of_calls_and_loses_nothing(own_stack):
    stack = own_stack("--speed", "5").start("web", "routing", "routing", "recording")
    sessions = busy(stack, CALLS)

    done = trunkline_process("queues", "drain", "routing", "--json", timeout_s=40, **stack.env())
    exits = [stack.running.pop(name).ended() for name in ("routing", "routing.2")]
    told, held = json.loads(done.stdout), stack.books.held()
    stack.start("routing")
    stack.until_quiet()

    assert (done.returncode, exits, held) == (0, [0, 0], [])
    assert sorted(told["asked"]) == sorted(told["stopped"])
    assert (len(told["asked"]), told["left"]) == (2, [])
    assert stack.running["recording"].is_alive
    assert [stack.sim.commands(session) for session in sessions] == [DONE] * CALLS
    assert stack.books.audit().is_balanced


def test_rq_itself_can_stop_a_worker_and_its_other_commands_do_nothing(own_stack):
    stack = own_stack("--adopt").start("routing")
    (worker,) = (name.decode() for name in stack.redis.zrange("trunkline:beat:routing", 0, -1))
    wait_until(lambda: stack.redis.pubsub_numsub(f"rq:pubsub:{worker}")[0][1], "it listens")
    job = Job.create("some.function", connection=stack.redis, serializer=MsgpackSerializer)
    job.worker_name = worker
    job.save()
    for nonsense in (b"", b"[1]", b'{"command": 7}', b"\xff"):
        stack.redis.publish(f"rq:pubsub:{worker}", nonsense)

    send_stop_job_command(stack.redis, job.id, serializer=MsgpackSerializer)
    send_shutdown_command(stack.redis, worker)

    assert stack.running["routing"].ended() == 0
    assert stack.running["routing"].output.count("worker_told_to_stop") == 1


def test_the_fleets_numbers_tell_of_a_call(own_stack):
    stack = own_stack("--speed", "20").start("web", "routing", CONSOLE_PASSWORD=PASSWORD)
    stack.sim.ring_in(CALLED_BACK)
    stack.until_quiet()
    applied = stack.books.audit().applied
    wanted = {
        'trunkline_commands_total{verb="hangup",outcome="effective"}': 1,
        'trunkline_commands_total{verb="answer",outcome="effective"}': 1,
        'trunkline_commands_total{verb="speak",outcome="effective"}': 1,
        'trunkline_webhooks_total{event="call.initiated",answer="200"}': 1,
        'trunkline_telnyx_answers_total{answer="2xx"}': 3,
        "trunkline_webhook_to_command_seconds_count": 3,
        'trunkline_workers_live{kind="routing"}': 1,
        "trunkline_calls_live": 0,
        "trunkline_audit_balanced": 1,
        "trunkline_events_applied_total": applied,
    }

    # Each process adds its own once a second.
    wait_for(lambda: {name: value for name, value in _told(stack).items() if name in wanted}, wanted)
    done, run, waited = (
        'trunkline_jobs_total{kind="routing",verdict="done"}',
        'trunkline_job_run_seconds_count{kind="routing"}',
        'trunkline_job_wait_seconds_count{kind="routing"}',
    )
    wait_until(lambda: _told(stack)[done] >= applied, "every job is counted")
    told = _told(stack)
    assert told[done] == told[run] == told[waited]
    assert applied >= 4


def _told(stack):
    answer = stack.http.get("/metrics", auth=httpx.BasicAuth("any", PASSWORD))
    assert answer.status_code == 200
    samples = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}
