"""An outbound profile explained: whom it may dial and when, and what each verdict leads to."""

from datetime import UTC, datetime
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest

from console.whatif.outgoing import ANYBODY, explain
from console.whatif.told import conditions, tree
from shared.dialplan import Plan, Transfer
from tests.builders import plan
from workers.logic.decision import NOTHING_AROUND, Around

MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SUNDAY_NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TO = "+12025550142"
MORE = '[limits]\nallow = ["+1*"]\n[schedules.week]\nopen = { mon-fri = ["08:00-18:00"] }'


def profile(text: str, more: str = MORE) -> Plan:
    return plan("", f'{more}\n[outbound.reminder]\nfrom = "+13125550300"\n{text}')


def explained(text: str, to: str | None = TO, at: datetime = MONDAY_NOON, more: str = MORE):
    return explain(profile(text, more), "reminder", to, at, "29", NOTHING_AROUND)


def ways(told):
    return {way.when: "\n".join(tree(way)) for way in told.follows.ways}


SAY = 'human = { do = "say", text = "Hello {name}." }'


def test_without_detection_whoever_answers_is_human():
    told = explained(SAY)

    assert [turn.event for turn in told.follows.turns] == ["call.requested", "timer 2:turn"]
    assert ways(told) == {
        "answered": dedent("""\
            call.answered: human: human branch
              → speak: payload "Hello {name}.", voice female, language en-US
            call.speak.ended
              → hangup
            call.hangup: over: normal_clearing; outcome: human"""),
        "nobody answers": "call.hangup: over: timeout; outcome: no_answer",
    }


@pytest.mark.parametrize(
    ("mode", "verdicts"),
    [
        ("premium", ["a human", "a machine", "a fax", "silence", "not sure who", "no verdict within 8 s"]),
        ("detect", ["a human", "a machine", "not sure who", "no verdict within 8 s"]),
    ],
)
def test_there_is_a_way_for_each_verdict_that_the_mode_knows(mode, verdicts):
    told = explained(f'{SAY}\namd = {{ mode = "{mode}" }}')

    assert [*ways(told)] == [*(f"answered: {verdict}" for verdict in verdicts), "nobody answers"]


@pytest.mark.parametrize(
    ("mode", "end_of_the_greeting"),
    [
        ("premium", "call.machine.premium.greeting.ended"),
        ("greeting_end", "call.machine.greeting.ended"),
        ("detect", "timer '5:greeting'"),  # which never tells it
    ],
)
def test_a_message_is_left_at_the_end_of_the_greeting(mode, end_of_the_greeting):
    machine = 'machine = { do = "leave_message", text = "A message." }'

    lines = ways(explained(f'{SAY}\n{machine}\namd = {{ mode = "{mode}" }}'))["answered: a machine"].splitlines()

    assert lines[0].endswith("machine: machine branch (waits up to 30 s)")
    assert lines[1:3] == [end_of_the_greeting, '  → speak: payload "A message.", voice female, language en-US']


def test_a_branch_that_is_not_written_does_what_decide_does():
    told = ways(explained(f'{SAY}\namd = {{ mode = "premium" }}'))

    assert "→ hangup" in told["answered: a fax"]
    assert "not_sure branch\n  → speak" in told["answered: not sure who"]
    assert "not_sure branch\n  → speak" in told["answered: no verdict within 8 s"]


def test_an_attempt_that_is_made_again_is_the_end_of_what_is_told():
    again = 'attempts = 3\nretry_after = { no_answer = "2h" }'

    told = explained(f"{SAY}\n{again}")

    assert ways(told)["nobody answers"] == (
        "call.hangup: over: timeout; no_answer: attempt 2 of 3 follows in 2h (waits up to 7200 s)"
    )
    assert [*conditions(told, ZoneInfo("UTC"))][-1] == "attempts  3, again after no_answer 2h"


HOURS = 'schedule = "week"'


@pytest.mark.parametrize(
    ("text", "at", "line"),
    [
        ("", SUNDAY_NOON, "at any time"),
        (HOURS, MONDAY_NOON, "schedule week by the clock of UTC: open"),
        (HOURS, SUNDAY_NOON, "schedule week by the clock of UTC: closed, opens Mon 2026-03-02 at 08:00 (UTC)"),
        (
            f'{HOURS}\nclock = "recipient"',
            MONDAY_NOON,
            "schedule week by the clock of America/New_York: closed, opens Mon 2026-03-02 at 13:00 (UTC)",
        ),
    ],
)
def test_the_hours_are_told(text, at, line):
    told = explained(f"{text}\n{SAY}", at=at)

    assert next(conditions(told, ZoneInfo("UTC"))) == f"hours     {line}"


def test_a_closed_profile_waits_and_then_dials():
    told = explained(f"{HOURS}\n{SAY}", at=SUNDAY_NOON)

    assert told.follows.turns[0].note.startswith("waiting for 2026-03-02 08:00 UTC")
    assert [turn.event for turn in told.follows.turns] == ["call.requested", "timer 1:opens", "timer 2:turn"]
    assert told.follows.turns[-1].commands[0].verb == "dial"


def test_hours_that_never_come_are_said_to():
    closed = ", ".join(f"2026-{day:%m-%d}" if day.year == 2026 else f"2027-{day:%m-%d}" for day in mondays())
    more = f'[limits]\nallow = ["+1*"]\n[schedules.week]\nopen = {{ mon = ["08:00-18:00"] }}\nclosed = [{closed}]'

    told = explained(f"{HOURS}\n{SAY}", at=SUNDAY_NOON, more=more)

    assert next(conditions(told, ZoneInfo("UTC"))).endswith("closed, never opens")
    assert told.follows.turns[-1].note == "the profile's hours never come; outcome: failed"


def mondays():
    first = datetime(2026, 3, 2, tzinfo=UTC).toordinal()
    return [datetime.fromordinal(first + 7 * week) for week in range(54)]


@pytest.mark.parametrize(
    ("to", "more", "refused"),
    [
        (TO, MORE, ""),
        ("+442071838750", MORE, "`to` is not an allowed destination: see [limits] allow in the dialplan"),
        ("+1911", MORE, "`to` is an emergency number, and calling those is never allowed"),
        (TO, "", "`to` is not an allowed destination: see [limits] allow in the dialplan"),
    ],
)
def test_a_number_that_may_not_be_dialled_is_told_and_not_dialled(to, more, refused):
    told = explained(SAY, to=to, more=more)

    assert told.refused == refused
    dials = [command for turn in told.follows.turns for command in turn.commands]
    assert bool(dials) == (not refused)
    assert bool(refused) == ("dial refused by limits.allow" in told.follows.turns[-1].note)


@pytest.mark.parametrize("more", ["", MORE])
def test_without_a_number_it_is_told_for_anybody(more):
    told = explained(SAY, to=None, more=more)

    assert told.follows.turns[-1].commands[0].fields["to"] == ANYBODY
    assert "limits    not asked: give --to" in conditions(told, ZoneInfo("UTC"))


def test_what_the_plan_itself_may_dial_stays_as_it_is_when_no_number_is_given():
    text = 'human = { do = "hook", call = "hooks:choose" }\nmachine = { do = "transfer", to = "+13125550111" }'
    chosen = {
        "+13125550111": "hook hooks:choose: transfer",
        "+13125550112": "hook hooks:choose returned what cannot be used",
    }

    for number, note in chosen.items():
        around = Around(hooks={"hooks:choose": lambda _call, _now, to=number: Transfer(to=to)})
        under = profile(f'{text}\namd = {{ mode = "premium" }}', "")
        told = ways(explain(under, "reminder", None, MONDAY_NOON, "29", around))

        assert note in told["answered: a human"]
