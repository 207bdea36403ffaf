"""Dials of the stand-in that do more than ring one callee: several destinations, links, limits, parking."""

import pytest

from simulator.leg import Does, State
from simulator.scenario import Callee
from tests.sim_line import CALLER, DESK, OURS, Line

OTHER = "+13125550112"


def several(*callees):
    line = Line()
    numbers = [f"+1312555011{n}" for n in range(len(callees))]
    line.switch.callees |= dict(zip(numbers, callees, strict=True))
    return line, line.dial(to=numbers)


def test_of_several_destinations_the_first_to_answer_has_the_one_leg():
    line, ccid = several(Callee(answers_after=0.3), Callee(answers_after=0.1), Callee(answers_after=0.2))

    line.wait(5)

    assert line.names() == ["initiated", "answered"]
    assert line.leg(ccid).to == line.last("call.answered")["to"] == "+13125550111"
    assert line.timers == [Does.TIME_IS_UP]


def test_a_destination_that_refuses_leaves_the_others_ringing():
    line, ccid = several(Callee(busy=True), Callee(no_answer=True, gives_up_after=0.1), Callee(answers_after=1.0))

    line.wait(5)

    assert line.names() == ["initiated", "answered"]
    assert line.leg(ccid).to == "+13125550112"


@pytest.mark.parametrize(
    ("callees", "cause", "after_s"),
    [
        ([Callee(busy=True), Callee(rejects=True, answers_after=0.4)], "call_rejected", 0.4),
        ([Callee(rejects=True), Callee(no_answer=True, gives_up_after=2.0)], "no_answer", 2.0),
        ([Callee(busy=True), Callee(no_answer=True)], "timeout", 30.0),
    ],
)
def test_when_nobody_answers_the_last_one_tells_the_cause(callees, cause, after_s):
    line, ccid = several(*callees)

    line.wait(60)

    assert line.names() == ["initiated", "hangup"]
    assert line.last("call.hangup")["hangup_cause"] == cause
    assert line.leg(ccid).ended_at == pytest.approx(1000.0 + after_s)


def test_a_dial_is_bridged_to_its_link_when_it_is_answered():
    line = Line(Callee())
    caller = line.answered_caller()

    callee = line.dial(link_to=caller, bridge_on_answer=True)
    line.wait(1)

    assert line.names(callee) == ["initiated", "answered", "bridged"]
    assert line.leg(caller).bridged_to == callee


def test_a_link_that_has_ended_meanwhile_leaves_the_answered_dial_alone():
    line = Line(Callee())
    caller = line.answered_caller()
    callee = line.dial(link_to=caller, bridge_on_answer=True)

    line.command("hangup", caller)
    line.wait(1)

    assert line.names(callee) == ["initiated", "answered"]


def test_the_intent_to_bridge_shows_the_linked_callers_number():
    line = Line(Callee())
    caller = line.answered_caller()

    intended = line.dial(link_to=caller, bridge_intent=True)
    plain = line.dial(link_to=caller)

    assert line.leg(intended).from_ == CALLER
    assert line.leg(plain).from_ == OURS


@pytest.mark.parametrize("prevent", [True, False])
def test_a_taken_target_is_taken_over_unless_that_is_prevented(prevent):
    line = Line(Callee())
    caller, first = line.answered_caller(), line.dial()
    line.wait(0.1)
    line.command("bridge", caller, call_control_id=first)

    second = line.dial(to=OTHER, link_to=caller, bridge_on_answer=True, prevent_double_bridge=prevent)
    line.wait(0.1)

    assert line.leg(caller).bridged_to == (first if prevent else second)
    assert (line.leg(second).state is State.ENDED) is prevent
    assert (line.leg(first).state is State.ENDED) is not prevent


@pytest.mark.parametrize("parked", [{"park_after_unbridge": "self"}, {"hold_after_unbridge": True}])
def test_a_leg_may_outlive_its_bridge_and_be_bridged_again(parked):
    line = Line(Callee())
    caller, first = line.answered_caller(), line.dial()
    line.wait(0.1)
    line.command("bridge", caller, call_control_id=first, **parked)

    line.command("hangup", first)
    alone = line.leg(caller).state
    second = line.dial(link_to=caller, bridge_on_answer=True)
    line.wait(0.1)

    assert alone is State.ANSWERED
    assert line.leg(caller).bridged_to == second


def test_a_leg_that_would_outlive_its_bridge_stays_ended_when_it_is_hung_up_itself():
    line = Line(Callee())
    caller, callee = line.answered_caller(), line.dial()
    line.wait(0.1)
    line.command("bridge", caller, call_control_id=callee, park_after_unbridge="self")

    line.command("hangup", caller)

    assert line.leg(caller).state is State.ENDED
    assert line.leg(callee).state is State.ENDED


def test_a_dialled_leg_may_be_parked_after_its_bridge():
    line = Line(Callee())
    caller = line.answered_caller()
    callee = line.dial(link_to=caller, bridge_on_answer=True, park_after_unbridge="self")
    line.wait(0.1)

    line.command("hangup", caller)

    assert line.leg(callee).state is State.ANSWERED


@pytest.mark.parametrize("verb", ["dial", "transfer"])
def test_a_call_ends_at_its_time_limit_after_the_answer(verb):
    line = Line(Callee(answers_after=2.0))
    if verb == "dial":
        line.dial(time_limit_secs=30)
    else:
        line.command("transfer", line.answered_caller(), time_limit_secs=30)

    line.wait(31.9)
    before = line.names()
    line.wait(0.2)

    ended = next(event for event in line.told if event.event_type == "call.hangup")
    assert "hangup" not in before
    assert (ended.payload["to"], ended.payload["hangup_cause"]) == (DESK, "time_limit")
