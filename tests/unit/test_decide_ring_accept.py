"""What counts as taking the call of a ring group: a pressed 1, or a human as machine detection hears it."""

import pytest

from shared import commands
from shared.calls import Verdict
from tests.builders import leg_initiated, pressed, standard_verdict
from tests.ringing import AMD, MEMBERS, PRESS_1, SEQUENTIAL, dialled, group, ringing, row_of, take_up
from workers.logic.happened import CommandFailed


def test_a_member_is_asked_to_press_1_and_the_call_is_not_bridged_before() -> None:
    told = take_up(ringing(group(PRESS_1)), MEMBERS[1], "m2")

    assert told.verbs == ["answer", "dial", "dial", "dial", "gather_using_speak"]
    asked = told.sent[-1].command
    assert isinstance(asked, commands.GatherUsingSpeak)
    assert (asked.payload, asked.valid_digits, asked.maximum_digits) == (
        "You have a call. Press 1 to take it.",
        "1",
        1,
    )
    assert told.sent[-1].lane == "m2"


def test_a_pressed_1_takes_the_call_and_the_others_are_hung_up() -> None:
    told = ringing(group(PRESS_1))
    told.tell(leg_initiated("m1", row_of(told, MEMBERS[0]), 1.0))
    take_up(told, MEMBERS[1], "m2")

    told.tell(pressed("1", "m2", 4.0))

    assert told.verbs[-2:] == ["bridge", "hangup m1"]
    bridge = next(out.command for out in told.sent if isinstance(out.command, commands.Bridge))
    assert bridge.call_control_id == "v3:m2"


def test_the_first_to_press_1_wins_whoever_answered_first() -> None:
    told = ringing(group(PRESS_1))
    take_up(told, MEMBERS[0], "m1", at=2.0)
    take_up(told, MEMBERS[1], "m2", at=3.0)

    told.tell(pressed("1", "m2", 4.0), pressed("1", "m1", 5.0))

    assert told.call.step.winner == "m2"
    assert told.verbs[-2:] == ["bridge", "hangup m1"]


@pytest.mark.parametrize("digits", ["", "2"])
def test_a_member_who_does_not_press_1_is_hung_up_and_the_others_ring_on(digits: str) -> None:
    told = take_up(ringing(group(PRESS_1)), MEMBERS[1], "m2")

    told.tell(pressed(digits, "m2", 9.0))

    assert told.verbs[-1] == "hangup m2"
    assert told.call.step.winner is None


def test_a_group_that_all_members_refuse_goes_on_to_otherwise() -> None:
    told = ringing(group(PRESS_1))

    for number, member in enumerate(MEMBERS):
        take_up(told, member, f"m{number}").tell(pressed("", f"m{number}", 9.0))

    assert told.verbs[-1] == "speak"
    assert [verb for verb in told.verbs if verb.startswith("hangup")] == ["hangup m0", "hangup m1", "hangup m2"]


def test_a_prompt_whose_end_is_never_told_counts_as_refused() -> None:
    told = take_up(ringing(group(f"{PRESS_1}\n{SEQUENTIAL}")), MEMBERS[0], "m1").accept("gather_using_speak")

    told.fire(f"1:ask {row_of(told, MEMBERS[0])}")

    assert dialled(told) == list(MEMBERS[:2])
    assert "hangup m1" in told.verbs


def test_a_prompt_that_telnyx_refuses_counts_as_refused() -> None:
    told = take_up(ringing(group(f"{PRESS_1}\n{SEQUENTIAL}")), MEMBERS[0], "m1")

    told.tell(CommandFailed(told.row("gather_using_speak"), 3.0, "10015"))

    assert dialled(told) == list(MEMBERS[:2])


def test_a_group_that_screens_by_amd_dials_with_detection() -> None:
    told = ringing(group(AMD))

    dials = [out.command for out in told.sent if isinstance(out.command, commands.Dial)]
    assert {dial.answering_machine_detection for dial in dials} == {"detect"}


@pytest.mark.parametrize("result", ["human", "not_sure"])
def test_a_human_takes_the_call(result: str) -> None:
    told = take_up(ringing(group(AMD)), MEMBERS[2], "m3")
    assert told.verbs[-1] == "dial"

    told.tell(standard_verdict(result, "m3", 3.0))

    assert told.verbs[-1] == "bridge"


def test_a_members_answering_machine_does_not_win() -> None:
    told = take_up(ringing(group(f"{AMD}\n{SEQUENTIAL}")), MEMBERS[0], "m1")

    told.tell(standard_verdict("machine", "m1", 3.0))

    assert "bridge" not in told.verbs
    assert "hangup m1" in told.verbs
    assert dialled(told) == list(MEMBERS[:2])
    assert told.call.legs["m1"].verdict == Verdict(3.0, "machine")


def test_a_member_without_a_verdict_in_time_counts_as_human() -> None:
    told = take_up(ringing(group(AMD)), MEMBERS[0], "m1")

    told.fire(f"1:verdict {row_of(told, MEMBERS[0])}")

    assert told.verbs[-1] == "bridge"
