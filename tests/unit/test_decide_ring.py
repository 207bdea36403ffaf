"""Ring groups: who is dialled when, what counts as taking the call, and what becomes of the others."""

import pytest

from shared import commands
from shared.calls import Verdict
from shared.dialplan import Plan
from tests.builders import (
    CALLER,
    CLINIC,
    Told,
    answered,
    bridged,
    hung_up,
    initiated,
    leg_initiated,
    plan,
    pressed,
    standard_verdict,
)
from workers.logic.decision import Around, Turn
from workers.logic.happened import CommandFailed

MEMBERS = ("+13125550211", "+13125550212", "+13125550213")


def group(more: str = "", then: str = "") -> Plan:
    members = ", ".join(f'"{member}"' for member in MEMBERS)
    otherwise = then or 'otherwise = { do = "say", text = "Nobody." }'
    action = f'{{ do = "ring", group = "sales", {otherwise} }}'
    rule = f'[[rules]]\nname = "r"\nwhen = {{ to = "{CLINIC}" }}\nthen = {action}'
    return plan(rule, f"[groups.sales]\nmembers = [{members}]\nring_secs = 20\n{more}")


def ringing(under: Plan, around: Around | None = None) -> Told:
    """The caller is answered and the group is rung."""
    told = Told(under, around) if around else Told(under)
    return told.tell(initiated(), answered())


def dialled(told: Told) -> list[str]:
    return [out.command.to for out in told.sent if isinstance(out.command, commands.Dial)]


def row_of(told: Told, member: str) -> int:
    return next(
        out.row for out in told.sent if isinstance(out.command, commands.Dial) and out.command.to == member
    )


def take_up(told: Told, member: str, leg: str, at: float = 2.0) -> Told:
    row = row_of(told, member)
    return told.tell(leg_initiated(leg, row, at - 1), answered(leg, at, row))


SEQUENTIAL = 'strategy = "sequential"'
ROUND_ROBIN = 'strategy = "round_robin"'
PRESS_1 = 'accept = "press_1"'
AMD = 'accept = "amd"'


def test_a_sequential_group_dials_one_member_after_the_other() -> None:
    told = ringing(group(SEQUENTIAL))
    assert dialled(told) == [MEMBERS[0]]

    first = row_of(told, MEMBERS[0])
    told.tell(leg_initiated("m1", first), hung_up("m1", "timeout", row=first))

    assert dialled(told) == list(MEMBERS[:2])


def test_a_sequential_group_goes_on_at_once_when_a_dial_is_refused() -> None:
    told = ringing(group(SEQUENTIAL))

    told.tell(CommandFailed(row_of(told, MEMBERS[0]), 1.0, "10016"))

    assert dialled(told) == list(MEMBERS[:2])


def test_a_sequential_group_that_nobody_takes_goes_on_to_otherwise() -> None:
    told = ringing(group(SEQUENTIAL))

    for number, member in enumerate(MEMBERS):
        row = row_of(told, member)
        told.tell(leg_initiated(f"m{number}", row), hung_up(f"m{number}", "no_answer", row=row))

    assert told.verbs == ["answer", "dial", "dial", "dial", "speak"]


def test_a_sequential_group_dials_nobody_after_somebody_took_it() -> None:
    told = take_up(ringing(group(SEQUENTIAL)), MEMBERS[0], "m1")

    told.tell(bridged(), bridged("m1"), hung_up("m1"), hung_up())

    assert told.verbs == ["answer", "dial", "bridge"]


def test_a_member_whose_end_is_never_told_is_given_up_after_ring_secs() -> None:
    told = ringing(group(SEQUENTIAL))
    first = row_of(told, MEMBERS[0])
    told.tell(leg_initiated("m1", first))

    told.fire(f"1:rings {first}")

    assert dialled(told) == list(MEMBERS[:2])
    assert "hangup m1" in told.verbs


@pytest.mark.parametrize(("turn", "first"), [(0, 0), (1, 1), (2, 2), (3, 0), (41, 2)])
def test_a_round_robin_begins_with_the_member_whose_turn_it_is(turn: int, first: int) -> None:
    told = ringing(group(ROUND_ROBIN), Around(turns={"sales": turn}))

    assert dialled(told) == [MEMBERS[first]]
    assert told.decisions[-1].turn == Turn("sales", turn)


def test_a_round_robin_goes_on_behind_the_member_that_it_began_with() -> None:
    told = ringing(group(ROUND_ROBIN), Around(turns={"sales": 1}))

    for leg in ("m1", "m2"):
        row = told.row("dial")
        told.tell(leg_initiated(leg, row), hung_up(leg, "timeout", row=row))

    assert dialled(told) == [MEMBERS[1], MEMBERS[2], MEMBERS[0]]


def test_a_call_takes_one_turn_only() -> None:
    told = ringing(group(ROUND_ROBIN), Around(turns={"sales": 0}))
    row = told.row("dial")

    told.tell(leg_initiated("m1", row), hung_up("m1", "timeout", row=row))

    assert [decision.turn for decision in told.decisions if decision.turn] == [Turn("sales", 0)]


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


@pytest.mark.parametrize("more", ["", SEQUENTIAL, ROUND_ROBIN, PRESS_1, AMD])
def test_a_caller_who_hangs_up_cancels_every_leg(more: str) -> None:
    told = ringing(group(more))
    legs = [f"m{number}" for number, _ in enumerate(dialled(told))]
    for leg, member in zip(legs, dialled(told), strict=True):
        told.tell(leg_initiated(leg, row_of(told, member)))

    told.tell(hung_up(at=5.0))

    assert [verb for verb in told.verbs if verb.startswith("hangup")] == [f"hangup {leg}" for leg in legs]
    assert told.call.step.at == "over"


def test_the_callers_own_number_is_shown_where_the_group_is_rung_so() -> None:
    told = ringing(group(then='caller_id = "caller"'))

    assert {out.command.from_ for out in told.sent if isinstance(out.command, commands.Dial)} == {CALLER}
