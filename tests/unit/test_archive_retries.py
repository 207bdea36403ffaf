"""What becomes of the job when a recording cannot be had."""

import pytest

from workers.archive.fetch import retry_or_park
from workers.archive.pacing import BETWEEN_S, Pacing
from workers.archive.trouble import Later, Refused
from workers.engine.job import Park, Retry


@pytest.mark.parametrize(
    ("attempt", "delay_s"), [(0, 2.0), (1, 5.0), (2, 15.0), (3, 60.0), (4, 300.0), (5, 900.0), (6, 3600.0)]
)
def test_trouble_on_the_way_is_retried_after_longer_and_longer_pauses(attempt, delay_s):
    assert retry_or_park(Later("x answered 503"), attempt) == Retry(delay_s, True, "x answered 503")


@pytest.mark.parametrize("attempt", [7, 8, 100])
def test_the_eighth_attempt_is_the_last(attempt):
    assert retry_or_park(Later("x answered 503"), attempt) == Park(
        f"recording not fetched in {attempt + 1} attempts: x answered 503"
    )


def test_a_pause_that_was_asked_for_is_kept_where_it_is_longer():
    assert retry_or_park(Later("busy", 30.0), 0) == Retry(30.0, True, "busy")
    assert retry_or_park(Later("busy", 30.0), 3) == Retry(60.0, True, "busy")


def test_what_is_refused_is_parked_at_once():
    assert retry_or_park(Refused("too large"), 0) == Park("too large")


def test_what_a_store_does_not_take_is_tried_again_soon_and_one_after_the_other():
    pacing = Pacing(3.0)

    waits = [pacing.wait_s(100.0) for _ in range(1000)]

    assert waits[0] == 3.0
    assert waits == pytest.approx([3.0 + n * BETWEEN_S for n in range(1000)])


def test_those_that_wait_for_a_store_pass_on_their_turns():
    pacing = Pacing(3.0)
    first, second = (pacing.wait_s(100.0) for _ in range(2))

    again = [pacing.wait_s(100.0 + first), pacing.wait_s(100.0 + second)]

    assert again == pytest.approx([3.0, 3.0])
