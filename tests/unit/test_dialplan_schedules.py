"""How hours are written, and when a schedule is open by the clock on the wall."""

from datetime import date

import pytest

from shared.dialplan import is_open
from shared.dialplan.schedules import Span, days, span
from tests.shop import BERLIN, CHICAGO, NIGHT, SHOP, plan, utc


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
