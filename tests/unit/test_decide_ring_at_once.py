"""A ring group that rings at once: the first answer wins, and the others are hung up."""

from shared import commands
from tests.builders import Told, answered, hung_up, leg_initiated
from tests.ringing import MEMBERS, group, ringing
from workers.logic.decide import still_wanted
from workers.logic.happened import CommandFailed


def test_a_ring_group_dials_every_member_linked_to_the_caller() -> None:
    told = ringing(group())

    assert told.verbs == ["answer", "dial", "dial", "dial"]
    dials = [out.command for out in told.sent if isinstance(out.command, commands.Dial)]
    assert [dial.to for dial in dials] == list(MEMBERS)
    assert {dial.link_to for dial in dials} == {"v3:caller"}


def all_ring() -> tuple[Told, list[int]]:
    """With the rows of their dials."""
    told = ringing(group())
    rows = [out.row for out in told.sent if out.verb == "dial"]
    for n, row in enumerate(rows):
        told.tell(leg_initiated(f"m{n}", row))
    return told, list(rows)


def test_the_first_answer_wins_the_ring_group_and_the_others_are_hung_up() -> None:
    told, rows = all_ring()

    told.tell(answered("m1", 4.0, rows[1]))

    assert told.verbs[4:] == ["bridge", "hangup m0", "hangup m2"]
    bridge = next(out.command for out in told.sent if isinstance(out.command, commands.Bridge))
    assert bridge.call_control_id == "v3:m1"


def test_a_second_answer_is_hung_up_and_changes_nothing() -> None:
    told, rows = all_ring()
    told.tell(answered("m1", 4.0, rows[1]))
    before = len(told.sent)

    told.tell(answered("m0", 4.1, rows[0]))

    assert len(told.sent) == before  # it was hung up when the other one won


def test_a_ring_group_that_nobody_takes_goes_on_to_otherwise() -> None:
    told, rows = all_ring()

    for n, row in enumerate(rows):
        told.tell(hung_up(f"m{n}", "timeout", row=row))

    assert told.verbs[-1] == "speak"


def test_a_caller_who_leaves_a_ring_group_cancels_every_leg() -> None:
    told, _ = all_ring()

    told.tell(hung_up(cause="originator_cancel"))

    assert told.verbs[4:] == ["hangup m0", "hangup m1", "hangup m2"]


def test_a_bridge_that_is_refused_goes_on_to_otherwise_and_the_winner_is_hung_up() -> None:
    told, rows = all_ring()
    told.tell(answered("m1", 4.0, rows[1]))

    told.tell(CommandFailed(told.row("bridge"), 0.0, "10015"))

    assert told.verbs[-2:] == ["speak", "hangup m1"]


def test_a_dial_that_was_put_off_is_not_wanted_once_somebody_else_has_the_call() -> None:
    told, rows = all_ring()
    assert still_wanted(told.call, rows[2])

    told.tell(answered("m1", 4.0, rows[1]))

    assert not still_wanted(told.call, rows[2])
    assert still_wanted(told.call, told.row("bridge"))
