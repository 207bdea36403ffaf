"""What becomes of the job when a recording cannot be had."""

import pytest

from workers.archive.fetch import STORE_DELAY_S, _verdict
from workers.archive.trouble import Later, Refused, Unwritable
from workers.engine.job import Park, Retry


@pytest.mark.parametrize(
    ("attempt", "delay_s"), [(0, 2.0), (1, 5.0), (2, 15.0), (3, 60.0), (4, 300.0), (5, 900.0), (6, 3600.0)]
)
def test_trouble_on_the_way_is_retried_after_longer_and_longer_pauses(attempt, delay_s):
    assert _verdict(Later("x answered 503"), attempt) == Retry(delay_s, True, "x answered 503")


@pytest.mark.parametrize("attempt", [7, 8, 100])
def test_the_eighth_attempt_is_the_last(attempt):
    assert _verdict(Later("x answered 503"), attempt) == Park(
        f"recording not fetched in {attempt + 1} attempts: x answered 503"
    )


def test_a_pause_that_was_asked_for_is_kept_where_it_is_longer():
    assert _verdict(Later("busy", 30.0), 0) == Retry(30.0, True, "busy")
    assert _verdict(Later("busy", 30.0), 3) == Retry(60.0, True, "busy")


def test_a_store_that_takes_nothing_is_tried_for_as_long_as_it_takes():
    assert _verdict(Unwritable("full"), 100) == Retry(STORE_DELAY_S, False, "full")


def test_what_is_refused_is_parked_at_once():
    assert _verdict(Refused("too large"), 0) == Park("too large")
