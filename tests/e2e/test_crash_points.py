"""SIGKILL of a worker, at each named point and in the middle of many calls: another one takes over at once."""

import signal
import time

import pytest

from tests.e2e.waiting import wait_until

DIALPLAN = """
version = 1
timezone = "UTC"
voice = "female"
[limits]
allow = ["+1202555*"]
[outbound.plain]
from = "+13125550300"
human = { do = "hangup" }
[[rules]]
name = "announcement"
when = { to = "+13125550400" }
then = { do = "answer", then = { do = "say", text = "We are closed.", then = { do = "hangup" } } }
[default]
then = { do = "reject" }
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
    stack = own_stack(dialplan=plan).start("web", "routing")
    stack.sim.config(webhook_url=None)  # then a call is one job, one commit, one command: nothing else can be hit
    stack.start("routing", TRUNKLINE_TEST_FAULT=point)
    armed = stack.running["routing.2"]

    number = until_it_dies(stack, armed)
    died = time.time()
    stack.until_worked_off(2 * PROMISED_S)
    seconds = time.time() - died

    record_property("recovered_after_s", round(seconds, 2))
    dials = [entry for entry in stack.sim.ledger() if entry.body["to"] == number]
    print(f"\n{point}: {seconds:.2f} s after its death, dials: {len(dials)}")  # noqa: T201 - a measurement, for -s
    assert armed.ended() == -signal.SIGKILL
    assert [entry.effective for entry in dials].count(True) == 1
    assert len({(entry.command_id, entry.body_sha256) for entry in dials}) == 1
    assert all(entry.status == 200 for entry in dials[1:])
    if point == "before_settle":  # it was performed before the death, so this proves that it was sent again
        assert (len(dials), dials[-1].duplicate_of) == (2, dials[0].seq)
    call = next(call for call in stack.books.calls() if call.request.to == number)
    assert [sent.state for sent in call.sent.values()] == ["done"]
    audit = stack.books.audit()
    assert (audit.accepted, audit.parked, audit.is_balanced) == (audit.applied, 0, True)


def until_it_dies(stack, armed):
    """Place calls one by one until the armed worker takes one and dies of it; the number of that one."""
    for n in range(NEVER):
        number = f"+1202555{n:04}"
        stack.place_call("plain", number)
        wait_until(lambda: not armed.is_alive or not stack.books.unfinished(), "the call is taken")
        if not armed.is_alive:
            return number
    raise AssertionError(f"the armed worker has taken none of {NEVER} calls")


def test_a_worker_that_is_killed_in_the_middle_of_calls_leaves_each_with_exactly_its_commands(own_stack, plan):
    stack = own_stack("--speed", "5", dialplan=plan).start("web", "routing", "routing")
    stack.sim.config(first_command_timeout_secs=300)
    stack.sim.faults({"fault": "slow"})  # so that there are always commands in flight
    sessions = [stack.sim.ring_in("+13125550400") for _ in range(CALLS)]
    wait_until(lambda: len(stack.sim.ledger()) >= CALLS / 2, "it is busy")

    stack.running["routing"].popen.kill()
    stack.until_quiet()

    for session in sessions:
        assert stack.sim.commands(session) == ["answer", "speak", "hangup +13125550400"]
    ledger = stack.sim.ledger()
    assert [entry for entry in ledger if entry.same_bytes_as_first is False] == []
    assert all(entry.duplicate_of for entry in ledger if not entry.effective)
    assert {call.step.at for call in stack.books.calls()} == {"over"}
    audit = stack.books.audit()
    assert (audit.applied, audit.parked, audit.is_balanced) == (len(stack.sim.webhooks()), 0, True)
