"""An outbound call that the business wants no more, at each point of its way."""

import pytest

from shared.calls import Request
from tests.builders import CALL, PLAN_HASH, Told, answered, hung_up, initiated, leg_initiated, spoken
from tests.placed import HOURS, NEW_YORK, RETRY, asked, at, ended, profile
from workers.logic.decide import still_wanted
from workers.logic.happened import CallCancelled, CallRequested, TimerFired

CANCELLED = CallCancelled(at(12))


@pytest.mark.parametrize("more", [HOURS, f"{RETRY}\n{HOURS}"], ids=["its only attempt", "the first of three"])
def test_a_call_that_is_cancelled_while_it_waits_for_its_hours_is_over(more: str) -> None:
    told = asked(profile(f'{more}\non_outcome = "hooks:told"'), at(8)).tell(CANCELLED)

    assert (told.call.step.at, told.call.outcome, told.call.timers) == ("over", "cancelled", {})
    assert told.decisions[-1].cancelled == (("1:opens", 1),)
    assert told.verbs == []
    telling = told.decisions[-1].told
    assert telling is not None
    assert telling.call.outcome == "cancelled"


def test_one_that_is_cancelled_while_it_waits_for_its_turn_leaves_the_line_and_a_place_it_may_have_got() -> None:
    told = asked(profile(), admits=False).tell(CANCELLED)

    assert (told.call.step.at, told.call.outcome) == ("over", "cancelled")
    assert [name for name, _ in told.decisions[-1].cancelled] == ["2:turn"]
    assert told.decisions[-1].left == "reminder"
    told.tell(TimerFired("2:turn", 1, at(12)))
    assert told.verbs == []


def test_one_that_is_cancelled_between_two_attempts_is_not_tried_again() -> None:
    told = ended(asked(profile(RETRY)), "user_busy").tell(CANCELLED)

    assert (told.call.step.at, told.call.outcomes) == ("over", ("busy", "cancelled"))
    assert told.call.timers == {}


def test_one_that_is_cancelled_while_it_rings_is_hung_up() -> None:
    told = asked(profile(RETRY))
    row = told.row("dial")

    told.tell(leg_initiated("called", row, at(12))).tell(CANCELLED)

    assert (told.call.step.at, told.call.outcome) == ("over", "cancelled")
    assert told.verbs == ["dial", "hangup called"]
    assert told.decisions[-1].left == "reminder"
    told.tell(answered("called", at(12), row), hung_up("called", "originator_cancel", at(12), row))
    assert (told.call.outcome, told.verbs) == ("cancelled", ["dial", "hangup called"])


def test_one_whose_dial_is_on_its_way_when_it_is_cancelled_is_hung_up_once_its_leg_is_known() -> None:
    told = asked(profile()).tell(CANCELLED)
    assert told.verbs == ["dial"]
    assert not still_wanted(told.call, told.row("dial"))  # were it not on its way, it would not go out any more

    told.tell(leg_initiated("called", told.row("dial"), at(12)))

    assert told.verbs == ["dial", "hangup called"]


def test_one_that_is_cancelled_when_somebody_has_answered_goes_on_and_has_no_further_attempt() -> None:
    told = asked(profile('attempts = 3\nretry_after = { human = "1h" }'))
    row = told.row("dial")

    told.tell(leg_initiated("called", row), answered("called", 1.0, row), CANCELLED)
    assert told.verbs == ["dial", "speak"]
    told.tell(spoken("called", 5.0), hung_up("called", at=6.0, row=row))

    assert (told.call.step.at, told.call.outcome, told.call.outcomes) == ("over", "human", ("human",))


def test_one_that_is_cancelled_before_its_request_is_known_never_begins() -> None:
    told = Told(profile()).tell(CANCELLED)
    assert told.call.step.at == "start"

    told.tell(CallRequested(Request(CALL, "reminder", NEW_YORK, {}, PLAN_HASH), at(12)))

    assert (told.call.step.at, told.call.outcome, told.verbs) == ("over", "cancelled", [])


def test_neither_a_call_that_is_over_nor_one_of_a_caller_can_be_cancelled() -> None:
    over = ended(asked(profile()), "user_busy").tell(CANCELLED)
    assert (over.call.outcome, over.call.cancelled) == ("busy", False)

    theirs = Told(profile()).tell(initiated(), CANCELLED)
    assert not theirs.call.cancelled
    assert "nothing to cancel" in theirs.decisions[-1].note
