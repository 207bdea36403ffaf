"""Transfers: taken, not taken, refused, and told in any order."""

import pytest

from shared import commands
from tests.builders import CLINIC, Told, answered, bridged, hung_up, initiated, leg_initiated, rule
from workers.logic.happened import CommandFailed

TRANSFER = '{ do = "transfer", to = "+13125550111", ring_secs = 25, otherwise = { do = "say", text = "Sorry." } }'


def test_a_transfer_answers_first_and_transfers_once_the_call_is_answered() -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    assert told.verbs == ["answer"]

    told.accept("answer").tell(answered())

    assert told.verbs == ["answer", "transfer"]
    sent = told.sent[-1].command
    assert isinstance(sent, commands.Transfer)
    assert (sent.to, sent.timeout_secs, sent.from_) == ("+13125550111", 25, CLINIC)


def test_a_bridged_transfer_needs_nothing_more_until_its_end() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    told.tell(leg_initiated("b", row), answered("b", 2.0, row), bridged("b", 3.0, row), bridged())

    told.tell(hung_up("b", at=9.0), hung_up(at=9.0))

    assert told.verbs == ["answer", "transfer"]
    assert told.call.step.at == "over"


@pytest.mark.parametrize("cause", ["timeout", "user_busy", "no_answer", "call_rejected", "not_found"])
def test_a_transfer_that_nobody_takes_goes_on_to_otherwise(cause: str) -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")

    told.tell(leg_initiated("b", row), hung_up("b", cause))

    assert told.verbs == ["answer", "transfer", "speak"]


def test_a_leg_that_ended_normally_is_given_time_for_its_late_answer() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    told.tell(leg_initiated("b", row), hung_up("b", "normal_clearing", at=9.0))
    assert told.verbs == ["answer", "transfer"]

    told.tell(answered("b", 2.0, row))
    told.fire(next(iter(told.call.timers)))

    assert told.verbs == ["answer", "transfer"]


def test_a_leg_that_ended_normally_and_was_never_answered_goes_on_to_otherwise() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    told.tell(leg_initiated("b", row), hung_up("b", "normal_clearing"))

    told.fire(next(iter(told.call.timers)))

    assert told.verbs[-1] == "speak"


def test_a_refused_transfer_goes_on_to_otherwise_and_without_one_hangs_up() -> None:
    bare = '{ do = "transfer", to = "+13125550111" }'
    with_otherwise, without = Told(rule(TRANSFER)), Told(rule(bare))

    for told in (with_otherwise, without):
        told.tell(initiated(), answered())
        told.tell(CommandFailed(told.row("transfer"), 0.0, "10016"))

    assert with_otherwise.verbs[-1] == "speak"
    assert without.verbs[-1] == "hangup caller"


def test_a_refusal_because_the_caller_is_gone_ends_the_call_without_a_command() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())

    told.tell(CommandFailed(told.row("transfer"), 0.0, "90018", ended=True))

    assert told.verbs == ["answer", "transfer"]
    assert told.call.step.at == "over"


def test_a_caller_who_hangs_up_while_it_rings_has_the_other_leg_hung_up() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    told.tell(leg_initiated("b", told.row("transfer")))

    told.tell(hung_up(cause="originator_cancel"))

    assert told.verbs[-1] == "hangup b"


def test_a_leg_that_appears_after_its_caller_has_gone_is_hung_up() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    told.tell(hung_up())
    assert told.verbs == ["answer", "transfer"]

    told.tell(leg_initiated("b", row))

    assert told.verbs[-1] == "hangup b"


def test_a_hangup_that_comes_first_leaves_nothing_to_route() -> None:
    told = Told(rule(TRANSFER)).tell(hung_up(at=5.0), initiated())

    assert told.verbs == []
    assert told.call.step.at == "over"


def test_an_answer_that_comes_before_its_initiated_is_not_lost() -> None:
    told = Told(rule(TRANSFER)).tell(answered(at=1.0), initiated())

    assert told.verbs == ["transfer"]


def test_a_command_that_came_too_early_goes_out_anew_a_second_later() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    first = told.row("transfer")

    told.tell(CommandFailed(first, 0.0, "90034", again=True, again_in_s=1.0))

    assert told.verbs == ["answer", "transfer", "transfer"]
    assert told.sent[-1].delay_s == 1.0
    assert told.sent[-1].row != first


def test_a_command_that_stays_too_early_fails_after_five_tries() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())

    for _ in range(5):
        told.tell(CommandFailed(told.row("transfer"), 0.0, "90034", again=True, again_in_s=1.0))

    assert told.verbs == ["answer", *["transfer"] * 5, "speak"]


@pytest.mark.parametrize("state", ["rings", "has answered"])
def test_a_refusal_that_asks_for_another_try_rings_nobody_twice_whose_leg_is_known(state: str) -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    told.tell(leg_initiated("b", row))
    if state == "has answered":
        told.tell(answered("b", 2.0, row))

    told.tell(CommandFailed(row, 3.0, "90034", again=True, again_in_s=1.0))

    assert told.verbs == ["answer", "transfer"]
    assert told.call.sent[row].state == "done"
