"""The law of the sweep: whatever mixture of states it finds, no event is lost and none is counted twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared import queues
from shared import valkey as connections
from shared.settings import Settings
from tests.integration.workers.bench import account, noted
from tests.integration.workers.queued import beat, parked_ids, put_hash, put_pending, webhook_data
from tests.integration.workers.sweeping import sweep

PLACES = ("queue", "live lease", "dead lease", "intermediate", "due", "scheduled", "nowhere", "queue twice")
HASHES = ("whole", "gone", "wrong type", "ran alone")
KIND = "routing"

jobs = st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(HASHES)), min_size=1, max_size=12)


def lease(valkey, job_id, ends):
    valkey.zadd(queues.lease_key(KIND), {f"{job_id}:execution": ends})
    valkey.zadd(f"rq:executions:{job_id}", {"execution": ends + 60})


def put_in_place(valkey, job_id, place, now):
    match place:
        case "queue":
            valkey.rpush(queues.queue_key(KIND), job_id)
        case "queue twice":
            valkey.rpush(queues.queue_key(KIND), job_id, job_id)
        case "live lease":
            lease(valkey, job_id, now + 3600)
        case "dead lease":
            lease(valkey, job_id, now - 1)
        case "intermediate":
            valkey.rpush(queues.intermediate_key(KIND), job_id)
            valkey.hset(f"trunkline:intermediate:{KIND}", job_id, now - 5)
        case "due" | "scheduled":
            valkey.zadd(queues.schedule_key(KIND), {job_id: now - 1 if place == "due" else now + 3600})


def put_job(valkey, job_id, place, kept, now):
    put_pending(valkey, job_id, age_s=60.0)
    if kept == "wrong type":
        valkey.set(queues.job_key(job_id), "of a wrong type")
    elif kept != "gone":
        alone = {"alone": 1, "lost_leases": 2} if kept == "ran alone" else {}
        put_hash(valkey, job_id, webhook_data(noted()), status="started", **alone)
    put_in_place(valkey, job_id, place, now)


def places_of(valkey, job_id):
    """Where a worker, or a later sweep, will find it."""
    listed = job_id.encode() in valkey.lrange(queues.queue_key(KIND), 0, -1)
    leased = valkey.zscore(queues.lease_key(KIND), f"{job_id}:execution") is not None
    scheduled = valkey.zscore(queues.schedule_key(KIND), job_id) is not None
    return {name for name, there in (("queue", listed), ("lease", leased), ("schedule", scheduled)) if there}


@settings(max_examples=60)
@given(jobs)
def test_after_enough_sweeps_every_accepted_event_is_on_its_way_or_parked(redis_url, states):
    with connections.connect_blocking(Settings(redis_url=redis_url)) as valkey:
        valkey.flushdb()
        now = float(valkey.time()[0])
        for n, (place, kept) in enumerate(states):
            put_job(valkey, f"event-{n}", place, kept, now)
        beat(valkey)

        sweep(redis_url, times=3)

        dead = {job_id.decode() for job_id in valkey.zrange(queues.failed_key(KIND), 0, -1)} | parked_ids(
            valkey
        ).keys()
        pending = {job_id.decode() for job_id in valkey.zrange(queues.pending_key(KIND), 0, -1)}
        assert account(valkey).balanced
        assert dead | pending == {f"event-{n}" for n in range(len(states))}
        assert not dead & pending
        assert [job_id for job_id in pending if not places_of(valkey, job_id)] == []
        assert valkey.llen(queues.intermediate_key(KIND)) == 0
        for n, (place, kept) in enumerate(states):
            is_parked = f"event-{n}" in dead
            assert (
                is_parked
                or kept in {"whole", "ran alone"}
                or place in {"queue", "queue twice", "live lease", "scheduled"}
            )
            assert not (is_parked and kept == "whole")
            assert not (is_parked and kept == "ran alone" and place != "dead lease")
