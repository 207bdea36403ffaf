"""The stand-in's legs among each other: transfers, bridges and linked dials."""

import pytest

from simulator.leg import State
from simulator.scenario import Callee
from tests.sim_line import OURS, Line, code_of


def test_a_transfer_tells_of_the_new_leg_and_then_of_the_bridge_on_both():
    line = Line()
    caller = line.answered_caller()

    line.command("transfer", caller, client_state="b3Jp", target_leg_client_state="dGFyZw==")
    line.wait(0.1)

    (target,) = line.leg(caller).transfers_to
    assert line.names(caller) == ["initiated", "answered", "bridged"]
    assert line.names(target) == ["initiated", "answered", "bridged"]
    assert line.leg(target).call_session_id == line.leg(caller).call_session_id
    assert {e.payload["client_state"] for e in line.told if e.call_control_id == target} == {"dGFyZw=="}
    assert line.told[2].payload["direction"] == "outgoing"
    assert line.told[2].payload["state"] == "bridging"
    assert line.told[2].payload["from"] == OURS


def test_a_failed_transfer_ends_only_its_own_leg():
    line = Line(Callee(busy=True))
    caller = line.answered_caller()

    line.command("transfer", caller)
    line.wait(1)

    (target,) = line.leg(caller).transfers_to
    assert line.names(target) == ["initiated", "hangup"]
    assert line.leg(caller).state is State.ANSWERED


def test_a_caller_who_leaves_takes_the_ringing_transfer_along():
    line = Line(Callee(no_answer=True))
    caller = line.answered_caller()
    line.command("transfer", caller)

    line.run(line.legs.hang_up_far_side(caller, line.now))

    (target,) = line.leg(caller).transfers_to
    assert line.leg(target).ending.cause == "originator_cancel"
    assert line.leg(caller).ending == ("normal_clearing", "caller", "200")


def test_when_one_leg_of_a_bridge_ends_the_other_is_hung_up():
    line = Line()
    caller = line.answered_caller()

    line.command("transfer", caller)
    line.wait(2)

    assert line.names(caller)[-1] == "hangup"
    assert line.leg(caller).ending == ("normal_clearing", "callee", "200")


def test_a_bridge_connects_two_answered_legs_with_an_event_for_each():
    line = Line(Callee())
    caller, callee = line.answered_caller(), line.dial()
    line.wait(0.1)

    line.command("bridge", caller, call_control_id=callee)

    assert line.names(caller)[-1] == line.names(callee)[-1] == "bridged"
    assert line.leg(caller).bridged_to == callee
    assert line.leg(callee).bridged_to == caller


@pytest.mark.parametrize("other", ["v3:nobody", "itself"])
def test_a_bridge_needs_another_leg(other):
    line = Line()
    caller = line.answered_caller()

    refusal = code_of(line.command, "bridge", caller, call_control_id=caller if other == "itself" else other)

    assert refusal == (422, "90015")


def test_a_bridged_leg_that_is_transferred_leaves_its_partner_behind():
    line = Line(Callee())
    caller = line.answered_caller()
    line.command("transfer", caller)
    line.wait(0.1)

    line.command("transfer", caller, to="+13125550112")
    line.wait(0.1)

    first, second = line.leg(caller).transfers_to
    assert line.leg(first).state is State.ENDED
    assert line.leg(second).bridged_to == caller
    assert line.leg(caller).state is State.BRIDGED


def test_a_linked_dial_shares_the_session_and_another_does_not():
    line = Line()
    caller = line.answered_caller()

    linked, alone = line.dial(link_to=caller), line.dial()

    session = line.leg(caller).call_session_id
    assert line.leg(linked).call_session_id == session
    assert line.leg(alone).call_session_id != session


def test_a_dial_linked_to_an_ended_call_is_refused():
    line = Line()
    caller = line.answered_caller()
    line.command("hangup", caller)

    refusal = code_of(line.dial, link_to=caller)

    assert refusal == (422, "90018")
