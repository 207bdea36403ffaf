"""An outbound call before anybody answers: its hours, its turn, its attempts, and how it ends."""

from datetime import UTC, datetime

import pytest

from shared.dialplan import Plan
from tests.builders import Told, answered, hung_up, leg_initiated, plan, spoken
from tests.placed import HOURS, NEW_YORK, PROFILE, RETRY, asked, at, ended, profile
from workers.logic.decision import Admission
from workers.logic.decision import Told as Telling
from workers.logic.happened import CommandFailed, TimerFired

UNKNOWN = "+19995550100"


def waits(told: Told) -> list[tuple[str, float]]:
    return [(timer.name, timer.delay_s) for timer in told.decisions[-1].timers]


def test_a_call_asks_for_its_turn_with_the_limits_of_its_profile_and_is_dialled_when_it_comes() -> None:
    told = asked(profile("dials_per_sec = 2.0\nmax_live = 8"), admits=False)
    assert told.decisions[-1].admission == Admission("2:turn", "reminder", 2.0, 8, 600)
    assert told.verbs == []

    told.fire("2:turn")

    assert told.verbs == ["dial"]
    assert told.call.live


def test_a_dial_is_to_be_judged_by_the_do_not_call_list_right_before_it_goes_out() -> None:
    (dial,) = asked(profile()).sent
    assert dial.dials is not None
    assert (dial.dials.to, dial.dials.dnc, dial.dials.admitted, dial.dials.minute) == (NEW_YORK, True, True, 600)

    (aside,) = asked(profile("dnc = false")).sent
    assert aside.dials is not None
    assert not aside.dials.dnc


RECIPIENT = f'{HOURS}\nclock = "recipient"'


@pytest.mark.parametrize(
    ("more", "zone", "to", "now", "opens"),
    [
        (HOURS, "UTC", NEW_YORK, at(12), None),
        (HOURS, "UTC", NEW_YORK, at(8), at(9)),
        (HOURS, "UTC", NEW_YORK, at(17), at(9, day=26)),
        (HOURS, "UTC", NEW_YORK, at(18, day=27), at(9, day=30)),  # Friday evening
        (HOURS, "America/Chicago", NEW_YORK, at(12), at(15)),
        (RECIPIENT, "UTC", NEW_YORK, at(12), at(14)),  # 09:00 in Washington
        (RECIPIENT, "UTC", "+13125550111", at(14), at(15)),  # 09:00 in Chicago
        (RECIPIENT, "UTC", UNKNOWN, at(12), None),  # of no known place: the dialplan's zone
        (RECIPIENT, "UTC", "sip:ana@example.com", at(12), None),
    ],
)
def test_a_call_is_made_within_its_hours(more: str, zone: str, to: str, now: float, opens: float | None) -> None:
    under = plan(more=PROFILE.format(more=more).replace('["+1*"]', '["+1*", "sip:*@example.com"]'), zone=zone)

    told = asked(under, now, to)

    assert told.verbs == (["dial"] if opens is None else [])
    assert waits(told) == ([] if opens is None else [("1:opens", opens - now)])


def test_a_call_that_has_waited_for_its_hours_is_dialled_when_they_come() -> None:
    told = asked(profile(HOURS), at(8))

    told.tell(TimerFired("1:opens", told.call.timers["1:opens"], at(9)))

    assert told.verbs == ["dial"]


def test_a_call_whose_turn_comes_after_its_hours_gives_it_back_and_waits_for_the_next_opening() -> None:
    told = asked(profile(HOURS), at(16, 59), admits=False)

    told.tell(TimerFired("2:turn", told.call.timers["2:turn"], at(17)))

    assert told.verbs == []
    assert told.decisions[-1].left == "reminder"
    assert not told.call.live
    assert waits(told) == [("3:opens", at(9, day=26) - at(17))]


def test_a_call_whose_hours_never_come_has_failed() -> None:
    told = asked(profile_closed_for_ever(), at(12))

    assert told.verbs == []
    assert (told.call.step.at, told.call.outcome) == ("over", "failed")


def profile_closed_for_ever() -> Plan:
    """Open on a weekday that is a holiday all year."""
    days = ", ".join(f"2026-{month:02}-{day:02}" for month, day in _wednesdays(2026))
    more = ", ".join(f"2027-{month:02}-{day:02}" for month, day in _wednesdays(2027))
    hours = PROFILE.format(more=HOURS).replace(
        'mon-fri = ["09:00-17:00"] }', f'wed = ["09:00-17:00"] }}\nclosed = [{days}, {more}]'
    )
    return plan(more=hours)


def _wednesdays(year: int) -> list[tuple[int, int]]:
    first = datetime(year, 1, 1, tzinfo=UTC).toordinal()
    days = (datetime.fromordinal(first + n) for n in range(366))
    return [(day.month, day.day) for day in days if day.year == year and day.weekday() == 2]


@pytest.mark.parametrize(
    ("cause", "outcome", "delay_s"), [("user_busy", "busy", 900), ("timeout", "no_answer", 7200)]
)
def test_an_attempt_that_nobody_takes_is_followed_by_another_after_its_delay(
    cause: str, outcome: str, delay_s: float
) -> None:
    told = ended(asked(profile(RETRY)), cause)
    assert told.call.outcomes == (outcome,)
    assert told.decisions[-1].left == "reminder"
    assert waits(told) == [("4:retry", delay_s)]

    told.fire("4:retry")

    assert told.verbs == ["dial", "dial"]
    assert len({out.row for out in told.sent}) == 2


def test_attempts_end_and_the_last_outcome_stands() -> None:
    told = asked(profile(RETRY))
    for number, cause in enumerate(("user_busy", "timeout", "user_busy")):
        ended(told, cause, leg=f"called-{number}")
        for name in [name for name in told.call.timers if name.endswith(":retry")]:
            told.fire(name)

    assert told.verbs == ["dial", "dial", "dial"]
    assert (told.call.step.at, told.call.outcome) == ("over", "busy")
    assert told.call.outcomes == ("busy", "no_answer", "busy")


def test_an_outcome_without_a_delay_is_the_end() -> None:
    told = ended(asked(profile(RETRY)), "call_rejected")

    assert (told.call.step.at, told.call.outcome, told.call.outcomes) == ("over", "failed", ("failed",))


def test_a_retry_waits_for_the_hours_as_well() -> None:
    told = ended(asked(profile(f"{RETRY}\n{HOURS}"), at(16, 55)), "user_busy", at(16, 56))

    told.tell(TimerFired("4:retry", told.call.timers["4:retry"], at(17, 11)))

    assert waits(told) == [("4:opens", at(9, day=26) - at(17, 11))]


def test_a_late_event_of_an_attempt_that_is_over_leaves_the_next_one_alone() -> None:
    told = ended(asked(profile(RETRY)), "user_busy").fire("4:retry")
    first, second = (out.row for out in told.sent)

    told.tell(answered("called", at(12), first), hung_up("called", "user_busy", at(12), first))
    told.tell(leg_initiated("again", second, at(12, 16)), answered("again", at(12, 17), second))

    assert told.call.main == "again"
    assert told.verbs[-1] == "speak"


def test_a_dial_that_is_refused_by_the_do_not_call_list_is_the_end() -> None:
    told = asked(profile(RETRY))

    told.tell(CommandFailed(told.row("dial"), at(12), "dnc"))

    assert (told.call.step.at, told.call.outcome) == ("over", "dnc")
    assert told.decisions[-1].left == "reminder"


def test_the_hook_is_told_the_outcome_once_the_call_is_over_with_what_was_said() -> None:
    told = asked(profile('on_outcome = "hooks:told"'))
    row = told.row("dial")

    told.tell(leg_initiated("called", row), answered("called", 1.0, row)).accept("speak")
    assert all(decision.told is None for decision in told.decisions)
    told.tell(spoken("called", 5.0), hung_up("called", at=6.0, row=row))

    telling = told.decisions[-1].told
    assert isinstance(telling, Telling)
    assert telling.hook == "hooks:told"
    assert (telling.call.outcome, telling.call.said, telling.call.to) == ("human", ("Hello.",), NEW_YORK)


def test_a_human_who_was_spoken_to_is_not_called_again() -> None:
    told = asked(profile(RETRY))
    row = told.row("dial")

    told.tell(leg_initiated("called", row), answered("called", 1.0, row), hung_up("called", at=6.0, row=row))

    assert (told.call.step.at, told.call.outcomes) == ("over", ("human",))
