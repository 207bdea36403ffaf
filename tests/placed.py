"""Calls that we place, under a profile whose further lines a test chooses, on a day of its own."""

from datetime import UTC, datetime
from typing import Final

from shared.calls import Request
from shared.dialplan import Plan
from tests.builders import CALL, PLAN_HASH, Told, hung_up, leg_initiated, plan
from workers.logic.happened import CallRequested

NEW_YORK: Final = "+12025550171"
PROFILE: Final = """
[limits]
allow = ["+1*"]
dials_per_minute = 600
[schedules.office]
open = {{ mon-fri = ["09:00-17:00"] }}
[outbound.reminder]
from = "+13125550300"
human = {{ do = "say", text = "Hello." }}
{more}
"""
HOURS: Final = 'schedule = "office"'
RETRY: Final = 'attempts = 3\nretry_after = { busy = "15m", no_answer = "2h" }'


def profile(more: str = "", zone: str = "UTC") -> Plan:
    return plan(more=PROFILE.format(more=more), zone=zone)


def at(hour: int, minute: int = 0, day: int = 25) -> float:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp()


def asked(under: Plan, now: float = at(12), to: str = NEW_YORK, *, admits: bool = True) -> Told:
    return Told(under, admits=admits).tell(CallRequested(Request(CALL, "reminder", to, {}, PLAN_HASH), now))


def ended(told: Told, cause: str, now: float = at(12), leg: str = "called") -> Told:
    row = told.row("dial")
    return told.tell(leg_initiated(leg, row, now), hung_up(leg, cause, now, row))
