"""Accepted events whose place in the queue was lost: they are found again, or parked where nothing is left."""

import pytest

from shared import queues
from tests.integration.workers.bench import account, noted
from tests.integration.workers.queued import parked_ids, put, put_hash, put_pending, webhook_data
from tests.integration.workers.sweeping import INTERMEDIATE, QUEUE, SCHEDULE, queued, sweep, take


def test_an_accepted_event_that_is_nowhere_is_pushed_after_5_s(url, valkey):
    for job_id, age_s in (("young", 4.0), ("lost", 6.0)):
        put_hash(valkey, job_id, webhook_data(noted()))
        put_pending(valkey, job_id, age_s=age_s)

    sweep(url)

    assert queued(valkey) == ["lost"]
    assert account(valkey) == (2, 0, 0, 2)


def test_a_full_server_parks_nobody(url, valkey):
    put_hash(valkey, "lost", webhook_data(noted()))
    put_pending(valkey, "lost", age_s=6.0)
    valkey.config_set("maxmemory", 1)
    try:
        sweep(url)
    finally:
        valkey.config_set("maxmemory", 0)

    assert queued(valkey) == ["lost"]
    assert account(valkey) == (1, 0, 0, 1)
    assert valkey.exists(queues.patience_key("routing"))  # nobody has beaten: this part worked as well


def test_an_accepted_event_whose_job_is_gone_is_parked_as_lost(url, valkey):
    put_pending(valkey, "gone", age_s=6.0)

    sweep(url)

    assert parked_ids(valkey) == {"gone": "lost: its job is gone"}
    assert account(valkey) == (1, 0, 1, 0)


@pytest.mark.parametrize("place", ["queue", "intermediate", "schedule", "lease"])
def test_an_accepted_event_that_is_somewhere_is_not_pushed_again(url, valkey, place):
    job_id = put(valkey, noted())
    put_pending(valkey, job_id, age_s=60.0)
    if place == "lease":
        take(url)
    elif place != "queue":
        valkey.delete(QUEUE)
    if place == "intermediate":
        valkey.rpush(INTERMEDIATE, job_id)
    elif place == "schedule":
        valkey.zadd(SCHEDULE, {job_id: valkey.time()[0] + 60})

    sweep(url)

    assert queued(valkey).count(job_id) == (1 if place == "queue" else 0)


def test_a_crowd_that_waits_for_long_does_not_hide_a_lost_event(url, valkey):
    """Hundreds of retries that wait, and one id that is nowhere, younger than all of them."""
    for n in range(300):
        put_hash(valkey, f"waits-{n}", b"x")
        put_pending(valkey, f"waits-{n}", age_s=60.0)
        valkey.zadd(SCHEDULE, {f"waits-{n}": valkey.time()[0] + 3600})
    put_hash(valkey, "lost", b"x")
    put_pending(valkey, "lost", age_s=6.0)

    sweep(url, times=6)

    assert queued(valkey) == ["lost"]
