"""When a schedule is open, and when it opens next, by the clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.dialplan import Default, Hangup, Plan, Schedule, is_open, next_opening
from shared.dialplan.schedules import DAYS, Span, days, span

CHICAGO = ZoneInfo("America/Chicago")
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)


def plan(open_, *closed, timezone="UTC"):
    return Plan(
        version=1,
        timezone=timezone,
        schedules={"shop": Schedule(open_, closed)},
        default=Default(Hangup()),
    )


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text, zone=CHICAGO):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon", (0,)),
        ("sun", (6,)),
        ("mon-thu", (0, 1, 2, 3)),
        ("mon-sun", (0, 1, 2, 3, 4, 5, 6)),
        ("fri-mon", (4, 5, 6, 0)),
        ("sun-sat", (6, 0, 1, 2, 3, 4, 5)),
        *((wrong, None) for wrong in ("", "Mon", "monday", "mon-", "-mon", "mon-mon", "mon-fri-sun", "mon,tue")),
    ],
)
def test_days_are_one_or_a_range_that_may_go_over_the_weekend(text, expected):
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00-12:00", Span(480, 720)),
        ("00:00-24:00", Span(0, 1440)),
        ("18:00-24:00", Span(1080, 1440)),
        ("18:00-00:00", Span(1080, 1440)),
        ("22:00-02:00", Span(1320, 1560)),
        ("00:01-00:00", Span(1, 1440)),
        ("23:59-23:58", Span(1439, 2878)),
        *((wrong, None) for wrong in ("", "8:00-12:00", "08:00", "08:00-08:00", "00:00-00:00", "24:00-02:00")),
        *(
            (wrong, None)
            for wrong in ("08:00-24:01", "08:60-12:00", "25:00-26:00", "08:00 - 12:00", "08:00-12:00\n")
        ),
    ],
)
def test_a_span_is_two_times_of_a_day_and_may_run_past_midnight(text, expected):
    assert span(text) == expected


SHOP = plan({"mon-thu": ("08:00-12:00", "13:00-17:00"), "fri": ("08:00-12:00",)}, date(2026, 12, 25))
NIGHT = plan({"fri": ("22:00-02:00",), "sat": ("10:00-12:00",)}, date(2026, 12, 25))


@pytest.mark.parametrize(
    ("shop", "at", "expected"),
    [
        (SHOP, "2026-12-21T07:59:59", False),  # a Monday
        (SHOP, "2026-12-21T08:00:00", True),
        (SHOP, "2026-12-21T11:59:59.999999", True),
        (SHOP, "2026-12-21T12:00:00", False),
        (SHOP, "2026-12-21T13:00:00", True),
        (SHOP, "2026-12-18T13:00:00", False),  # a Friday
        (SHOP, "2026-12-20T09:00:00", False),  # a Sunday
        (SHOP, "2026-12-25T09:00:00", False),  # a closed Friday
        (NIGHT, "2026-12-18T21:59:00", False),
        (NIGHT, "2026-12-18T23:59:00", True),
        (NIGHT, "2026-12-19T00:00:00", True),
        (NIGHT, "2026-12-19T01:59:00", True),
        (NIGHT, "2026-12-19T02:00:00", False),
        (NIGHT, "2026-12-19T10:00:00", True),  # Saturday has hours of its own besides
        (NIGHT, "2026-12-25T23:00:00", False),  # closed on the date on which it would begin
        (NIGHT, "2026-12-26T01:00:00", False),  # and so it does not run into the next day
        (NIGHT, "2026-12-26T10:00:00", True),
        (plan({"thu": ("22:00-02:00",)}, date(2026, 12, 25)), "2026-12-25T01:00:00", True),  # began on the 24th
        (plan({"sun": ("22:00-02:00",)}), "2026-12-21T01:00:00", True),  # Monday has no entry of its own
        (plan({"fri-mon": ("08:00-09:00",)}), "2026-12-20T08:30:00", True),
        (plan({"fri-mon": ("08:00-09:00",)}), "2026-12-22T08:30:00", False),
        (plan({"mon-fri": ("08:00-12:00",), "wed": ("18:00-20:00",)}), "2026-12-23T08:30:00", True),
        (plan({"mon-fri": ("08:00-12:00",), "wed": ("18:00-20:00",)}), "2026-12-23T18:30:00", True),
        (plan({"mon-sun": ("00:00-24:00",)}), "2026-12-20T23:59:59", True),
        (plan({}), "2026-12-21T09:00:00", False),
    ],
)
def test_a_schedule_is_open_within_its_spans(shop, at, expected):
    assert is_open(shop, "shop", utc(at)) is expected
    assert is_open(shop, "shop", utc(at).timestamp()) is expected


def test_the_clock_is_the_dialplans_unless_a_zone_is_given():
    shop = plan({"mon": ("08:00-09:00",)}, timezone="America/Chicago")

    assert is_open(shop, "shop", utc("2026-12-21T14:30"))
    assert not is_open(shop, "shop", utc("2026-12-21T14:30"), BERLIN)
    assert is_open(shop, "shop", utc("2026-12-21T07:30"), BERLIN)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("02:15-02:45", "2026-03-08T08:00", False),  # the spring of Chicago goes from 02:00 to 03:00
        ("02:30-05:00", "2026-03-08T08:00", True),  # so it is 03:00 at once
        ("01:00-02:00", "2026-03-08T07:59", True),
        ("01:00-02:00", "2026-03-08T08:00", False),
        ("01:15-01:45", "2026-11-01T06:30", True),  # the autumn has the hour from 01:00 twice
        ("01:15-01:45", "2026-11-01T07:00", False),
        ("01:15-01:45", "2026-11-01T07:30", True),
    ],
)
def test_the_wall_clock_decides_when_it_is_put_forward_or_back(text, at, expected):
    assert is_open(plan({"sun": (text,)}), "shop", utc(at), CHICAGO) is expected


@pytest.mark.parametrize(
    ("shop", "after", "expected"),
    [
        (SHOP, "2026-12-21T07:00", "2026-12-21T08:00"),
        (SHOP, "2026-12-21T07:00:00.5", "2026-12-21T08:00"),
        (SHOP, "2026-12-21T08:00", "2026-12-21T08:00"),
        (SHOP, "2026-12-21T09:00:30.5", "2026-12-21T09:00:30.5"),  # it is open: at once
        (SHOP, "2026-12-21T11:59:59", "2026-12-21T11:59:59"),
        (SHOP, "2026-12-21T12:00", "2026-12-21T13:00"),
        (SHOP, "2026-12-24T17:00", "2026-12-28T08:00"),  # over Christmas and the weekend
        (NIGHT, "2026-12-19T03:00", "2026-12-19T10:00"),
        (plan({}), "2026-12-21T07:00", None),
        (
            plan({"mon": ("08:00-09:00",)}, *(date(2026, 1, 5) + timedelta(7 * n) for n in range(53))),
            "2026-01-01",
            None,
        ),
    ],
)
def test_the_next_opening_is_the_first_open_instant(shop, after, expected):
    opening = next_opening(shop, "shop", utc(after), [ZoneInfo("UTC")])

    assert opening == (expected and utc(expected))


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("02:30-05:00", "2026-03-07T12:00", "2026-03-08T08:00"),  # when the clock jumps to 03:00
        ("02:15-02:45", "2026-03-07T12:00", "2026-03-15T07:15"),  # a week later, as this Sunday has no such time
        ("01:30-01:45", "2026-11-01T06:50", "2026-11-01T07:30"),  # the second time that it is 01:30
    ],
)
def test_the_next_opening_knows_when_clocks_are_put_forward_or_back(text, after, expected):
    assert next_opening(plan({"sun": (text,)}), "shop", utc(after), [CHICAGO]) == utc(expected)


def test_several_zones_must_all_be_open():
    shop = plan({"mon-fri": ("09:00-19:00",)})

    opening = next_opening(shop, "shop", utc("2026-12-21T00:00").timestamp(), [CHICAGO, BERLIN])

    assert opening == local("2026-12-21T09:00", CHICAGO) == local("2026-12-21T16:00", BERLIN)


def test_zones_that_are_never_open_together_have_no_opening():
    shop = plan({"mon-fri": ("09:00-12:00",)})

    assert next_opening(shop, "shop", utc("2026-12-21T00:00"), [CHICAGO, BERLIN]) is None


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
