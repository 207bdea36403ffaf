"""SIGKILL of a worker, at each named point and in the middle of many calls: another one takes over at once."""

import signal
import time

import pytest

from tests.e2e.busy import busy
from tests.signing import webhook_body
from tests.waiting import wait_until

ANNOUNCEMENT = "+13125550400"
DIALPLAN = f"""
version = 1
timezone = "UTC"
voice = "female"
[[rules]]
name = "announcement"
when = {{ to = "{ANNOUNCEMENT}" }}
then = {{ do = "answer", then = {{ do = "say", text = "We are closed.", then = {{ do = "hangup" }} }} }}
[default]
then = {{ do = "reject" }}
"""
PROMISED_S = 5.0  # another worker has run it by then; twice that is allowed to a busy machine
NEVER = 20  # calls that the armed worker may leave to the other one
CALLS = 12


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "dialplan.toml"
    path.write_text(DIALPLAN)
    return path


@pytest.mark.parametrize("point", ["after_start", "after_commit", "after_write", "before_settle"])
def test_what_a_killed_worker_had_in_hand_is_done_by_another_and_takes_effect_once(
    own_stack, plan, record_property, point
):
    stack = own_stack("--adopt", dialplan=plan).start("web", "routing")
    stack.sim.config(webhook_url=None)  # then a call is one job, one commit, one command: nothing else can be hit
    stack.start("routing", TRUNKLINE_TEST_FAULT=point)
    armed = stack.running["routing.2"]

    leg = until_it_dies(stack, armed)
    died = time.time()
    stack.until_worked_off(2 * PROMISED_S)
    seconds = time.time() - died

    record_property("recovered_after_s", round(seconds, 2))
    sent = [entry for entry in stack.sim.ledger() if entry.call_control_id == leg]
    print(f"\n{point}: {seconds:.2f} s after its death, sent: {len(sent)}")  # noqa: T201 - a measurement, for -s
    assert armed.ended() == -signal.SIGKILL
    assert [entry.effective for entry in sent].count(True) == 1
    assert len({(entry.command_id, entry.body_sha256) for entry in sent}) == 1
    assert all(entry.status == 200 for entry in sent[1:])
    if point == "before_settle":  # it was performed before the death, so this proves that it was sent again
        assert (len(sent), sent[-1].duplicate_of) == (2, sent[0].seq)
    call = next(call for call in stack.books.calls() if call.main_leg.control_id == leg)
    assert [(one.verb, one.state) for one in call.sent.values()] == [("reject", "done")]
    audit = stack.books.audit()
    assert (audit.accepted, audit.parked, audit.is_balanced) == (audit.applied, 0, True)


def until_it_dies(stack, armed):
    """Ring in, call by call, until the armed worker takes one and dies of it; the leg of that one."""
    for n in range(NEVER):
        leg = f"v3:leg-{n}"
        called = {"direction": "incoming", "state": "parked", "from": "+12025550142", "to": "+19995550100"}
        assert stack.post(webhook_body("call.initiated", call_control_id=leg, **called)) == 200
        wait_until(lambda: not armed.is_alive or not stack.books.unfinished(), "the call is taken")
        if not armed.is_alive:
            return leg
    raise AssertionError(f"the armed worker has taken none of {NEVER} calls")


def test_a_worker_that_is_killed_in_the_middle_of_calls_leaves_each_with_exactly_its_commands(own_stack, plan):
    stack = own_stack("--speed", "5", dialplan=plan).start("web", "routing", "routing")
    sessions = busy(stack, CALLS, to=ANNOUNCEMENT)

    stack.running["routing"].popen.kill()
    stack.until_quiet()

    for session in sessions:
        assert stack.sim.commands(session) == ["answer", "speak", f"hangup {ANNOUNCEMENT}"]
    ledger = stack.sim.ledger()
    assert [entry for entry in ledger if entry.same_bytes_as_first is False] == []
    assert all(entry.duplicate_of for entry in ledger if not entry.effective)
    assert {call.step.at for call in stack.books.calls()} == {"over"}
    audit = stack.books.audit()
    assert (audit.applied, audit.parked, audit.is_balanced) == (len(stack.sim.webhooks()), 0, True)
