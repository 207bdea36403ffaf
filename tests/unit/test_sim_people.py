"""The stand-in's people: when they put the phone down, whom one call alone meets, how a call is signed."""

import pytest

from simulator.leg import State
from simulator.scenario import Callee
from tests.sim_line import DESK, Line

RINGS_ON = Callee(no_answer=True)


@pytest.mark.parametrize(
    ("moment", "commands", "desk"),
    [
        ("start", {}, Callee()),
        ("answer", {"answer": {}}, Callee()),
        ("speech", {"answer": {}, "speak": {}}, Callee()),
        ("ringing", {"answer": {}, "transfer": {}}, RINGS_ON),
        ("ringing", {"answer": {}, "dial": {}}, RINGS_ON),
        ("bridge", {"answer": {}, "transfer": {}}, Callee(answers_after=0.0)),
        ("beep", {"answer": {}, "record_start": {"play_beep": True}}, Callee()),
    ],
)
def test_a_caller_hangs_up_so_long_after_the_moment_that_counts(moment, commands, desk):
    line = Line(desk)
    caller = line.ring_in(hangs_up_after=5.0, hangs_up_from=moment)

    for verb, body in commands.items():
        line.wait(1)
        if verb == "dial":
            line.dial(link_to=caller)
        else:
            line.command(verb, caller, **body)
    line.wait(0)
    since = line.now
    line.wait(30)

    assert line.leg(caller).ended_at == pytest.approx(since + 5.0)
    assert line.leg(caller).ending.source == "caller"


@pytest.mark.parametrize("moment", ["answer", "speech", "ringing", "bridge", "beep"])
def test_a_moment_that_never_comes_ends_no_call(moment):
    line = Line()
    caller = line.ring_in(hangs_up_after=1.0, hangs_up_from=moment)

    line.wait(20)

    assert line.leg(caller).state is State.PARKED


def test_a_recording_without_a_beep_is_not_waited_for():
    line = Line()
    caller = line.ring_in(hangs_up_after=1.0, hangs_up_from="beep")
    line.command("answer", caller)

    line.command("record_start", caller)
    line.wait(20)

    assert line.leg(caller).state is State.ANSWERED


def test_of_several_moments_the_newest_counts():
    line = Line()
    caller = line.ring_in(hangs_up_after=3.0, hangs_up_from="speech")
    line.command("answer", caller)

    line.command("speak", caller)
    line.wait(2.5)
    line.command("speak", caller)
    line.wait(10)

    assert line.leg(caller).ended_at == pytest.approx(1002.5 + 3.0)


@pytest.mark.parametrize(("moment", "after_s"), [("start", 0.5), ("answer", 0.5), ("bridge", 2.5)])
def test_a_callee_counts_from_the_answer_or_from_the_bridge(moment, after_s):
    line = Line(Callee(answers_after=0.5, hangs_up_after=4.0, hangs_up_from=moment))
    caller = line.answered_caller()
    desk = line.dial()

    line.wait(2.5)
    line.command("bridge", caller, call_control_id=desk)
    line.wait(30)

    assert line.leg(desk).ended_at == pytest.approx(1000.0 + after_s + 4.0)


def test_a_caller_who_is_gone_at_once_can_only_be_refused():
    line = Line()
    caller = line.ring_in(hangs_up_after=0.0)

    line.wait(0)

    assert line.names(caller) == ["initiated", "hangup"]
    assert line.last("call.hangup")["hangup_cause"] == "originator_cancel"


@pytest.mark.parametrize(
    ("own", "cause"),
    [
        ({}, "timeout"),
        ({DESK: Callee(busy=True)}, "user_busy"),
        ({"*": Callee(busy=True)}, "user_busy"),
        ({DESK: Callee(rejects=True), "*": Callee(busy=True)}, "call_rejected"),
        ({"+13125550112": Callee(busy=True)}, "timeout"),
    ],
)
def test_a_call_may_meet_people_of_its_own_and_else_meets_everybodys(own, cause):
    line = Line(RINGS_ON)
    caller = line.ring_in(callees=own)
    line.command("answer", caller)

    line.command("transfer", caller)
    line.wait(60)

    assert line.last("call.hangup")["hangup_cause"] == cause


def test_the_people_of_one_call_are_nobody_elses():
    line = Line(RINGS_ON)
    one, other = line.ring_in(callees={DESK: Callee(busy=True)}), line.ring_in()
    for caller in (one, other):
        line.command("answer", caller)
        line.dial(link_to=caller)

    line.wait(60)

    causes = [event.payload["hangup_cause"] for event in line.told if event.event_type == "call.hangup"]
    assert causes == ["user_busy", "timeout"]


@pytest.mark.parametrize("level", ["A", "B", "C"])
def test_a_signed_call_tells_how_its_carrier_knows_the_caller(level):
    line = Line()

    line.ring_in(attestation=level)

    told = line.last("call.initiated")
    assert (told["shaken_stir_attestation"], told["shaken_stir_validated"]) == (level, True)


def test_a_call_that_is_not_signed_tells_nothing_of_it():
    line = Line()

    line.ring_in(attestation="none")

    assert [key for key in line.last("call.initiated") if key.startswith("shaken")] == []


@pytest.mark.parametrize("mine", [True, False])
def test_habits_may_change_from_one_time_to_the_next_and_the_last_ones_stay(mine):
    habits = [Callee(busy=True), Callee(rejects=True), Callee(no_answer=True)]
    line = Line(None if mine else habits)
    caller = line.ring_in(callees={DESK: habits} if mine else {})
    line.command("answer", caller)

    for _ in range(4):
        line.dial(link_to=caller)
        line.wait(60)

    causes = [event.payload["hangup_cause"] for event in line.told if event.event_type == "call.hangup"]
    assert causes == ["user_busy", "call_rejected", "timeout", "timeout"]


def test_whoever_else_is_dialled_has_a_first_time_of_their_own():
    line = Line()
    line.switch.callees["*"] = [Callee(busy=True), Callee(rejects=True)]

    for number in (DESK, "+13125550112"):
        line.dial(number)
        line.wait(60)

    assert line.last("call.hangup")["hangup_cause"] == "user_busy"
