"""Keys of a wrong type in the way of the sweep: one part of it stops, or one job is parked."""

import pytest

from shared import queues
from tests.integration.workers.bench import account, noted
from tests.integration.workers.queued import beat, let_leases_run_out, parked_ids, put, put_hash, put_pending
from tests.integration.workers.sweeping import (
    FIRST_SEEN,
    INTERMEDIATE,
    LEASES,
    QUEUE,
    SCHEDULE,
    queued,
    sweep,
    take,
)

WRONG_TYPES = {
    "intermediate": INTERMEDIATE,
    "schedule": SCHEDULE,
    "leases": LEASES,
    "first seen": FIRST_SEEN,
    "dead letters": queues.failed_key("routing"),
}


@pytest.mark.parametrize("key", WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_one_key_of_a_wrong_type_stops_one_part_of_the_sweep_only(url, valkey, key):
    beat(valkey)
    put(valkey, noted("expired"))
    take(url)
    let_leases_run_out(valkey)
    put_hash(valkey, "due", b"x", status="scheduled")
    valkey.zadd(SCHEDULE, {"due": 1.0})
    valkey.set(key, "of a wrong type")

    sweep(url)

    found = queued(valkey)
    assert ("due" in found) == (key != SCHEDULE)
    assert (len(found) > (key != SCHEDULE)) == (key != LEASES)


@pytest.mark.parametrize("place", ["lease", "intermediate", "schedule", "pending"])
def test_a_job_hash_of_a_wrong_type_is_parked_wherever_it_is_found(url, valkey, place):
    beat(valkey)
    job_id = put(valkey, noted())
    put_pending(valkey, job_id, age_s=6.0)
    valkey.hset(queues.STATS, "accepted", 1)
    if place == "lease":
        take(url)
        let_leases_run_out(valkey)
    valkey.delete(QUEUE)
    if place == "intermediate":
        valkey.rpush(INTERMEDIATE, job_id)
        valkey.hset(FIRST_SEEN, job_id, 1.0)
    elif place == "schedule":
        valkey.zadd(SCHEDULE, {job_id: 1.0})
    valkey.delete(queues.job_key(job_id))
    valkey.set(queues.job_key(job_id), "of a wrong type")
    good = put(valkey, noted("good"))

    sweep(url)

    assert "WRONGTYPE" in parked_ids(valkey)[job_id]
    assert account(valkey) == (2, 0, 1, 1)
    assert queued(valkey) == [good]
