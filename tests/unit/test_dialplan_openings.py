"""When a schedule opens next: the first instant at which it is open, in one zone or in several."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.dialplan import next_opening
from tests.shop import BERLIN, CHICAGO, NIGHT, SHOP, plan, utc


def local(text, zone=CHICAGO):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


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
