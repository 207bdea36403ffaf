"""A plan with one schedule, a shop's, and times of the calendar."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from shared.dialplan import Default, Hangup, Plan, Schedule

CHICAGO = ZoneInfo("America/Chicago")
BERLIN = ZoneInfo("Europe/Berlin")


def plan(open_, *closed, timezone="UTC"):
    return Plan(
        version=1,
        timezone=timezone,
        schedules={"shop": Schedule(open_, closed)},
        default=Default(Hangup()),
    )


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


SHOP = plan({"mon-thu": ("08:00-12:00", "13:00-17:00"), "fri": ("08:00-12:00",)}, date(2026, 12, 25))
NIGHT = plan({"fri": ("22:00-02:00",), "sat": ("10:00-12:00",)}, date(2026, 12, 25))
