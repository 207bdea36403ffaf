"""Hours of any kind, around every change of a clock: each minute is open or not as the clock on the wall says."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.dialplan import is_open, next_opening
from shared.dialplan.schedules import DAYS
from tests.shop import plan, utc

MINUTE = timedelta(minutes=1)
TIMES = st.integers(0, 1439)
ENTRIES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 7), TIMES, TIMES).filter(lambda entry: entry[2] != entry[3]),
    max_size=4,
)


def written(entries):
    """The `open` table of (first day, how many days, begin, end) in minutes."""
    table = {}
    for first, count, begin, end in entries:
        last = DAYS[(first + count - 1) % 7]
        key = DAYS[first] if count == 1 else f"{DAYS[first]}-{last}"
        text = f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
        table[key] = (*table.get(key, ()), text)
    return table


def meant(entries, closed, wall):
    """Whether an opening that begins on this day or the day before holds the time on the wall."""
    for day in (wall.date(), wall.date() - timedelta(days=1)):
        for first, count, begin, end in entries:
            if (day.weekday() - first) % 7 < count and day not in closed:
                opens = datetime.combine(day, time()) + begin * MINUTE
                closes = datetime.combine(day, time()) + (end if end > begin else end + 1440) * MINUTE
                if opens <= wall < closes:
                    return True
    return False


CLOCKS = {
    "America/Chicago in spring": ("America/Chicago", "2026-03-08T08:00"),
    "America/Chicago in autumn": ("America/Chicago", "2026-11-01T07:00"),
    "Europe/Berlin in spring": ("Europe/Berlin", "2026-03-29T01:00"),
    "Europe/Berlin in autumn": ("Europe/Berlin", "2026-10-25T01:00"),
    "Asia/Kolkata, which has one clock": ("Asia/Kolkata", "2026-03-28T18:30"),
    "Pacific/Apia leaves out a day": ("Pacific/Apia", "2011-12-30T10:00"),
    "Pacific/Apia goes back an hour": ("Pacific/Apia", "2012-03-31T14:00"),
}


@pytest.mark.parametrize(("zone", "change"), CLOCKS.values(), ids=CLOCKS.keys())
@settings(max_examples=10)
@given(entries=ENTRIES, closed_in=st.sets(st.integers(-1, 1)))
def test_around_a_change_of_the_clock_every_minute_is_as_its_wall_clock_says(zone, change, entries, closed_in):
    clock = ZoneInfo(zone)
    closed = {utc(change).astimezone(clock).date() + timedelta(days) for days in closed_in}
    shop = plan(written(entries), *closed)
    minutes = [utc(change) + number * MINUTE for number in range(-5 * 60, 5 * 60)]

    opening = [minute for minute in minutes if is_open(shop, "shop", minute, clock)]

    wall = [minute.astimezone(clock).replace(tzinfo=None) for minute in minutes]
    assert opening == [minute for minute, at in zip(minutes, wall, strict=True) if meant(entries, closed, at)]
    for after in minutes[::61]:
        following = [minute for minute in opening if minute >= after]
        found = next_opening(shop, "shop", after, [clock])
        assert found == following[0] if following else found is None or found > minutes[-1]


@settings(max_examples=20)
@given(
    entries=ENTRIES,
    zones=st.sets(st.sampled_from(sorted({zone for zone, _ in CLOCKS.values()})), min_size=1),
    day=st.integers(0, 366),
    minute=TIMES,
)
def test_the_next_opening_is_open_everywhere_and_nothing_before_it_is(entries, zones, day, minute):
    shop, clocks = plan(written(entries)), [ZoneInfo(zone) for zone in zones]
    after = utc("2026-01-01") + timedelta(days=day) + minute * MINUTE

    found = next_opening(shop, "shop", after, clocks)

    def are_open(at):
        return all(is_open(shop, "shop", at, clock) for clock in clocks)

    assert found is None or (found >= after and are_open(found))
    end = min(found or after + timedelta(days=8), after + timedelta(days=8))
    assert not any(are_open(after + number * 13 * MINUTE) for number in range((end - after) // (13 * MINUTE)))
    assert found in (None, after) or not are_open(found - timedelta(microseconds=1))
