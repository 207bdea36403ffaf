"""`--at`: the wall clock of the dialplan, unless it says which clock is meant."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from console.whatif.clock import read, told
from shared.errors import ConfigError

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-25 10:00", (2026, 12, 25, 16, 0)),
        ("2026-12-25T10:00:30", (2026, 12, 25, 16, 0, 30)),
        ("2026-07-01 10:00", (2026, 7, 1, 15, 0)),  # summer time
        ("2026-12-25 10:00Z", (2026, 12, 25, 10, 0)),
        ("2026-12-25T10:00+01:00", (2026, 12, 25, 9, 0)),
        ("2026-03-08 01:59", (2026, 3, 8, 7, 59)),  # the clocks go from 02:00 to 03:00
        ("2026-03-08 03:00", (2026, 3, 8, 8, 0)),
        ("2026-03-08T02:30-06:00", (2026, 3, 8, 8, 30)),
        ("2026-11-01 01:30", (2026, 11, 1, 6, 30)),  # comes twice: the first of the two
        ("2026-12-25", (2026, 12, 25, 6, 0)),
    ],
)
def test_a_time_is_read_by_the_dialplans_clock_or_by_its_own_offset(text, utc):
    assert read(text, CHICAGO).timestamp() == datetime(*utc, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text", ["", "noon", "10:00", "2026-02-30 10:00", "2026-12-25 25:00", "1-1-1", "²026-12-25"]
)
def test_what_is_no_time_is_refused_in_one_line_that_says_how_to_write_it(text):
    with pytest.raises(ConfigError, match="is no time: write") as caught:
        read(text, CHICAGO)

    assert "\n" not in str(caught.value)


def test_a_time_that_the_clocks_leave_out_is_refused():
    with pytest.raises(ConfigError, match=r"'2026-03-08 02:30' never comes in America/Chicago.* write 03:30 or"):
        read("2026-03-08 02:30", CHICAGO)


@pytest.mark.parametrize("text", ["0001-01-01 00:00+14:00", "9999-12-31 23:59-12:00"])
def test_a_time_beyond_the_calendar_is_refused(text):
    with pytest.raises(ConfigError, match="is no time"):
        read(text, CHICAGO)


def test_a_time_is_told_with_its_zone():
    assert told(datetime(2026, 12, 25, 16, 0, tzinfo=UTC), CHICAGO) == "Fri 2026-12-25 at 10:00 (America/Chicago)"
