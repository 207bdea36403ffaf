"""Ring groups: who is dialled when, and what becomes of the others."""

import pytest

from shared import commands
from tests.builders import CALLER, bridged, hung_up, leg_initiated
from tests.ringing import AMD, MEMBERS, PRESS_1, ROUND_ROBIN, SEQUENTIAL, dialled, group, ringing, row_of, take_up
from workers.logic.decision import Around, Turn
from workers.logic.happened import CommandFailed


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
