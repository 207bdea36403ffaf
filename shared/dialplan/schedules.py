"""Opening hours: whether a schedule is open at an instant, and when it opens next; pure.

The clock on the wall decides. An instant becomes local time, and that weekday and time of day are looked for
among the spans: of an hour that the autumn repeats both passes are open or neither, and one that the spring leaves
out is never open. A span past midnight belongs to the day on which it begins: it runs into the next day whatever
stands there, and a closed date takes away what begins on that date, not what still runs into it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from shared.dialplan.schema import Plan, Schedule

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOKAHEAD: Final = timedelta(days=366)  # an opening further away is none

_SPAN: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]|24(?=:00)):([0-5][0-9])")
_DAY_MINUTES: Final = 24 * 60
_MINUTE: Final = timedelta(minutes=1)


class Span(NamedTuple):
    """From `begin` until just before `end`, in minutes of the day on which it begins; `end` may be past 1440."""

    begin: int
    end: int


class _Hours(NamedTuple):
    week: tuple[tuple[Span, ...], ...]  # from Monday
    closed: frozenset[date]
    changes: frozenset[int]  # the minutes of a day at which anything may change

    def are_open(self, local: datetime) -> bool:
        minute = local.hour * 60 + local.minute
        today = self._beginning_on(local.date())
        yesterday = self._beginning_on(local.date() - timedelta(days=1))
        return any(span.begin <= minute < span.end for span in today) or any(
            minute + _DAY_MINUTES < span.end for span in yesterday
        )

    def _beginning_on(self, day: date) -> tuple[Span, ...]:
        return () if day in self.closed else self.week[day.weekday()]


def is_open(plan: Plan, name: str, at: datetime | float, zone: ZoneInfo | None = None) -> bool:
    """`at` is an aware time or Unix seconds, `zone` whose clock is meant: the dialplan's where none is given."""
    return _hours(plan.schedules[name]).are_open(_utc(at).astimezone(zone or ZoneInfo(plan.timezone)))


def next_opening(plan: Plan, name: str, after: datetime | float, zones: Iterable[ZoneInfo]) -> datetime | None:
    """The first instant from `after` on at which it is open by the clocks of all these zones (at least one).

    In UTC; None when there is none within 366 days.
    """
    hours, clocks = _hours(plan.schedules[name]), frozenset(zones)
    moment = _utc(after)
    last = moment + LOOKAHEAD
    while moment <= last:
        latest = max(_opening(hours, moment, zone, last) for zone in clocks)
        if latest == moment:
            return moment
        moment = latest
    return None


def days(text: str) -> tuple[int, ...] | None:
    """The weekdays of `mon`, `mon-thu` or `fri-mon`, Monday being 0; None when it is neither."""
    first, dash, last = text.partition("-")
    if first not in DAYS or (dash and last not in DAYS) or first == last:
        return None
    begin = DAYS.index(first)
    count = (DAYS.index(last) - begin) % 7 + 1 if dash else 1
    return tuple((begin + number) % 7 for number in range(count))


def span(text: str) -> Span | None:
    """`08:00-12:00`, past midnight `22:00-02:00`, until midnight `18:00-24:00`; None when it is none of these."""
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
    begin, end = begin_hour * 60 + begin_minute, end_hour * 60 + end_minute
    if begin == end:
        return None
    return Span(begin, end if end > begin else end + _DAY_MINUTES)


def _hours(schedule: Schedule) -> _Hours:
    """Days that stand in several keys have the spans of all of them."""
    week: list[list[Span]] = [[] for _ in DAYS]
    for key, texts in schedule.open_.items():
        for day in days(key) or ():
            week[day] += [found for text in texts if (found := span(text))]
    ends = {minute % _DAY_MINUTES for spans in week for found in spans for minute in found}
    return _Hours(tuple(map(tuple, week)), frozenset(schedule.closed), frozenset({0, *ends}))


def _opening(hours: _Hours, moment: datetime, zone: ZoneInfo, last: datetime) -> datetime:
    """The first open instant from `moment` on by one clock, or one after `last`."""
    while moment <= last and not hours.are_open(moment.astimezone(zone)):
        moment = _next_change(hours, moment, zone)
    return moment


def _next_change(hours: _Hours, moment: datetime, zone: ZoneInfo) -> datetime:
    """When the wall clock next comes to where a span begins or ends, or is itself put forward or back."""
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    start = moment - timedelta(seconds=local.second, microseconds=local.microsecond)
    ahead = min((change - minute - 1) % _DAY_MINUTES + 1 for change in hours.changes)

    def is_put(minutes: int) -> bool:
        return (start + minutes * _MINUTE).astimezone(zone).utcoffset() != local.utcoffset()

    if is_put(ahead):
        ahead = bisect_left(range(ahead), True, key=is_put)
    return start + ahead * _MINUTE


def _utc(at: datetime | float) -> datetime:
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
