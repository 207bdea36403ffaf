"""The stand-in's legs: what each refuses at which time, and how it ends."""

import pytest

from simulator.leg import Act, Does, State
from simulator.scenario import Callee
from tests.sim_line import BEFORE_THE_ANSWER, ON_A_LEG, Line, code_of


@pytest.mark.parametrize("verb", sorted(ON_A_LEG - BEFORE_THE_ANSWER))
def test_an_incoming_call_takes_nothing_else_before_its_answer(verb):
    line = Line()
    caller = line.ring_in()

    refusal = code_of(line.command, verb, caller)

    assert refusal == (422, "90034")


@pytest.mark.parametrize("verb", sorted(ON_A_LEG - BEFORE_THE_ANSWER))
def test_an_outgoing_call_takes_neither_sound_nor_bridge_before_its_answer(verb):
    line = Line()
    callee = line.dial()

    refusal = code_of(line.command, verb, callee)

    assert refusal == (422, "90034")


@pytest.mark.parametrize("verb", ["answer", "reject"])
def test_an_outgoing_call_is_never_answered_or_rejected_by_us(verb):
    line = Line()
    callee = line.dial()

    refusal = code_of(line.command, verb, callee)

    assert refusal == (422, "10015")


@pytest.mark.parametrize("verb", sorted(ON_A_LEG))
def test_an_ended_call_takes_no_command(verb):
    line = Line()
    caller = line.ring_in()
    line.command("hangup", caller)

    refusal = code_of(line.command, verb, caller)

    assert refusal == (422, "90018")


@pytest.mark.parametrize("verb", sorted(ON_A_LEG))
def test_a_call_that_never_was_takes_no_command(verb):
    refusal = code_of(Line().command, verb, "v3:nobody")

    assert refusal == (422, "90015")


def test_an_answered_call_is_not_answered_twice():
    line = Line()
    caller = line.answered_caller()

    refusal = code_of(line.command, "answer", caller)

    assert refusal == (422, "10015")
    assert line.names(caller) == ["initiated", "answered"]


def test_a_refused_command_changes_nothing():
    line = Line()
    caller, callee = line.answered_caller(), line.dial()

    refusal = code_of(line.command, "bridge", caller, call_control_id=callee, client_state="eA==")

    assert refusal == (422, "90034")
    assert line.leg(caller).client_state is None
    assert line.leg(caller).state is State.ANSWERED


@pytest.mark.parametrize(
    ("callee", "dial", "after_s", "cause", "sip"),
    [
        (Callee(busy=True, answers_after=0.2), {}, 0.2, "user_busy", "486"),
        (Callee(rejects=True), {}, 0.05, "call_rejected", "603"),
        (Callee(no_answer=True), {"timeout_secs": 7}, 7.0, "timeout", "487"),
        (Callee(no_answer=True), {"timeout_secs": 7, "retry_on_timeout": False}, 7.0, "no_answer", "487"),
        (Callee(no_answer=True, gives_up_after=0.5), {}, 0.5, "no_answer", "480"),
        (Callee(answers_after=9.0), {"timeout_secs": 5}, 5.0, "timeout", "487"),
    ],
)
def test_an_unanswered_dial_ends_with_its_cause_at_its_time(callee, dial, after_s, cause, sip):
    line = Line(callee)

    ccid = line.dial(**dial)
    line.wait(60)

    ended = line.last("call.hangup")
    assert line.names() == ["initiated", "hangup"]
    assert (ended["hangup_cause"], ended["sip_hangup_cause"]) == (cause, sip)
    assert line.leg(ccid).ended_at == pytest.approx(1000.0 + after_s)


def test_a_number_without_a_script_is_a_human_who_answers_and_soon_hangs_up():
    line = Line()

    ccid = line.dial()
    line.wait(1)

    ended = line.last("call.hangup")
    assert line.names(ccid) == ["initiated", "answered", "hangup"]
    assert (ended["hangup_cause"], ended["hangup_source"]) == ("normal_clearing", "callee")
    assert line.leg(ccid).answered_at == pytest.approx(1000.05)
    assert line.leg(ccid).ended_at == pytest.approx(1000.55)


@pytest.mark.parametrize(
    ("answered", "cause"), [(False, ("originator_cancel", "487")), (True, ("normal_clearing", "200"))]
)
def test_the_caller_hangs_up_at_the_scripted_time(answered, cause):
    line = Line()
    caller = line.ring_in(hangs_up_after=2.0)
    if answered:
        line.command("answer", caller)

    line.wait(3)

    ended = line.last("call.hangup")
    assert (ended["hangup_cause"], ended["sip_hangup_cause"]) == cause
    assert ended["hangup_source"] == "caller"


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        ("CALL_REJECTED", ("call_rejected", "603")),
        ("USER_BUSY", ("user_busy", "486")),
        ("NOT_FOUND", ("not_found", "404")),
        ("TEMPORARILY_UNAVAILABLE", ("unspecified", "480")),
    ],
)
def test_a_rejected_call_tells_the_cause_it_was_rejected_with(cause, told):
    line = Line()
    caller = line.ring_in()

    line.command("reject", caller, cause=cause)

    ended = line.last("call.hangup")
    assert (ended["hangup_cause"], ended["sip_hangup_cause"]) == told


def test_a_call_that_gets_no_command_is_hung_up():
    line = Line()
    caller = line.ring_in()

    line.wait(29.9)
    before = line.leg(caller).state
    line.wait(0.2)

    assert before is State.PARKED
    assert line.names(caller) == ["initiated", "hangup"]


def test_an_accepted_command_stops_the_wait_for_a_first_one_and_a_refused_one_does_not():
    line = Line()
    touched, refused = line.ring_in(), line.ring_in()

    line.command("client_state_update", touched)
    code_of(line.command, "speak", refused)
    line.wait(31)

    assert line.leg(touched).state is State.PARKED
    assert line.leg(refused).state is State.ENDED


@pytest.mark.parametrize("does", [Does.CALLEE_ACTS, Does.RINGS_OUT, Does.GIVES_UP, Does.NO_FIRST_COMMAND])
def test_a_late_timer_changes_nothing(does):
    line = Line()
    caller = line.answered_caller()

    effects = line.legs.fire(caller, Act(does), line.now)

    assert effects == []


def test_every_later_event_carries_the_newest_client_state():
    line = Line()
    caller = line.ring_in()

    line.command("answer", caller, client_state="b25l")
    line.command("client_state_update", caller, client_state="dHdv")
    line.command("hangup", caller)

    assert [e.payload["client_state"] for e in line.told] == [None, "b25l", "dHdv"]
