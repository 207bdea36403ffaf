"""The line on top of every screen: is it well, and if not, why."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from shared import queues
from shared.queues import KINDS, rq_time


@pytest.fixture
def well(page, valkey):
    """A worker of each kind has just beaten."""
    for kind in KINDS:
        valkey.zadd(queues.beat_key(kind), {f"a-worker-of-{kind}": time.time()})
    return page


def health(page):
    text = page.text("outbound")
    return " ".join(text.partition('<p id="health"')[2].partition("</p>")[0].split())


def test_all_is_well(well):
    told = health(well)

    assert "<strong>well</strong>" in told
    assert "workers <b>3</b>" in told
    assert "audit <b>balanced</b>" in told


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_without_a_worker_is_told(well, valkey, kind):
    valkey.zadd(queues.beat_key(kind), {f"a-worker-of-{kind}": time.time() - 30})

    assert f"<strong>not well: no {kind} worker</strong>" in health(well)


def test_an_account_that_does_not_balance_is_told(well, valkey):
    valkey.hset(queues.STATS, mapping={"accepted": 5, "applied": 4})

    told = health(well)

    assert "<strong>not well: the audit does not balance</strong>" in told
    assert "audit <b>not balanced</b>" in told


def test_a_queue_whose_head_has_waited_for_long_is_told(well, valkey):
    since = datetime.now(UTC) - timedelta(seconds=90)
    valkey.hset(queues.job_key("a-job"), mapping={"status": "queued", "enqueued_at": rq_time(since)})
    valkey.rpush(queues.queue_key("recording"), "a-job")

    assert "<strong>not well: recording waits 9" in health(well)
    assert 'data-label="oldest">9' in well.text("queues")


def test_live_calls_and_dead_letters_are_counted(well, valkey):
    valkey.zadd(queues.ALIVE, {"a": 1, "b": 2})
    valkey.zadd(queues.failed_key("routing"), {"c": time.time() + 1})
    valkey.lpush(queues.PARKED, "d 1700000000 a reason")

    told = health(well)

    assert "live calls <b>2</b>" in told
    assert "dead letters <b>2</b>" in told
