"""Sweeping: what dead workers have left goes back, what is due is pushed, and nothing is taken from the living."""

import pytest

from shared import queues
from shared import valkey as connections
from shared.settings import Settings
from tests.integration.workers.bench import account, exchange, noted, run
from tests.integration.workers.queued import (
    beat,
    let_leases_run_out,
    parked_ids,
    put,
    put_hash,
    put_pending,
    reason_of,
    webhook_data,
)
from workers.engine.sweep import PER_PART, Sweep

QUEUE, LEASES = queues.queue_key("routing"), queues.lease_key("routing")
SCHEDULE, INTERMEDIATE = queues.schedule_key("routing"), queues.intermediate_key("routing")
FIRST_SEEN = "trunkline:intermediate:routing"


def sweep(url, times=1):
    async def scenario():
        client = connections.connect(Settings(redis_url=url))
        for _ in range(times):
            await Sweep(client, "routing").once()
        await client.aclose()

    run(scenario())


def take(url, room=32):
    """A worker takes jobs and is never heard of again."""

    async def scenario():
        async with exchange(url, "dead") as one:
            return (await one.trip([], 0.0, room, [])).taken

    return run(scenario())


def queued(valkey):
    return [job_id.decode() for job_id in valkey.lrange(QUEUE, 0, -1)]


def let_a_second_pass(valkey):
    """For the ids that a sweep has seen in the intermediate list."""
    for job_id in valkey.hkeys(FIRST_SEEN):
        valkey.hincrbyfloat(FIRST_SEEN, job_id, -1.0)


def test_a_job_whose_lease_has_run_out_goes_to_the_front(url, valkey):
    lost = put(valkey, noted("lost"))
    take(url)
    waiting = put(valkey, noted("waiting"))
    let_leases_run_out(valkey)
    beat(valkey)

    sweep(url)

    assert queued(valkey) == [lost, waiting]
    assert valkey.hget(queues.job_key(lost), "lost_leases") == b"1"
    assert valkey.zcard(LEASES) == 0
    assert not valkey.keys("rq:execution*")


def test_a_lease_that_runs_is_left_alone(url, valkey):
    put(valkey, noted())
    take(url)
    beat(valkey)

    sweep(url)

    assert queued(valkey) == []
    assert valkey.zcard(LEASES) == 1


@pytest.mark.parametrize("ago_s", [2.5, 3600.0, None], ids=["for 2.5 s", "for an hour", "ever"])
def test_after_an_outage_leases_are_given_time_to_be_renewed(url, valkey, ago_s):
    """No worker has beaten: nobody could renew, so what has run out says nothing about its worker."""
    put(valkey, noted())
    take(url)
    let_leases_run_out(valkey)
    if ago_s is not None:
        beat(valkey, ago_s=ago_s)

    sweep(url)
    beat(valkey)
    sweep(url)
    patient = queued(valkey)
    valkey.delete(queues.patience_key("routing"))
    sweep(url)

    assert patient == []
    assert len(queued(valkey)) == 1


def test_the_patience_after_an_outage_lasts_one_lease(url, valkey):
    sweep(url)

    assert 2900 <= valkey.pttl(queues.patience_key("routing")) <= 3000


def test_a_job_that_lost_its_lease_alone_is_parked(url, valkey):
    job_id = put(valkey, noted(), lost_leases=2)
    take(url)
    valkey.hset(queues.job_key(job_id), "alone", 1)
    let_leases_run_out(valkey)
    beat(valkey)

    sweep(url)

    assert reason_of(valkey, job_id) == "lost its lease while it ran alone in its process, after 2 lost leases"
    assert account(valkey) == (1, 0, 1, 0)


def test_a_job_that_lost_any_number_of_leases_beside_others_is_not_parked(url, valkey):
    job_id = put(valkey, noted(), lost_leases=7)
    take(url)
    let_leases_run_out(valkey)
    beat(valkey)

    sweep(url)

    assert queued(valkey) == [job_id]


def test_an_id_that_stays_in_the_intermediate_list_goes_back(url, valkey):
    job_id = put(valkey, noted())
    valkey.lmove(QUEUE, INTERMEDIATE)

    sweep(url)
    at_once = queued(valkey)
    let_a_second_pass(valkey)
    sweep(url)

    assert at_once == []
    assert queued(valkey) == [job_id]
    assert valkey.llen(INTERMEDIATE) == 0


def test_an_id_that_came_back_to_the_intermediate_list_is_seen_anew(url, valkey):
    put(valkey, noted())
    valkey.lmove(QUEUE, INTERMEDIATE)
    sweep(url)
    let_a_second_pass(valkey)
    valkey.lmove(INTERMEDIATE, QUEUE)
    sweep(url)
    valkey.lmove(QUEUE, INTERMEDIATE)

    sweep(url)

    assert queued(valkey) == []


def test_a_stale_id_in_the_intermediate_list_makes_no_job(url, valkey):
    valkey.rpush(INTERMEDIATE, "done-long-ago")

    sweep(url)
    let_a_second_pass(valkey)
    sweep(url)

    assert valkey.llen(INTERMEDIATE) == 0
    assert queued(valkey) == []
    assert not valkey.exists(queues.job_key("done-long-ago"))


def test_what_is_due_is_pushed_and_what_is_not_waits(url, valkey):
    now = valkey.time()[0]
    for job_id, due in (("due", now - 0.5), ("later", now + 60)):
        put_hash(valkey, job_id, b"x", status="scheduled")
        valkey.zadd(SCHEDULE, {job_id: due})

    sweep(url)

    assert queued(valkey) == ["due"]
    assert valkey.hget(queues.job_key("due"), "status") == b"queued"
    assert valkey.zrange(SCHEDULE, 0, -1) == [b"later"]


def test_a_crowd_that_is_due_at_once_is_pushed_in_one_sweep(url, valkey):
    for n in range(2 * PER_PART + 1):
        put_hash(valkey, f"job-{n}", b"x", status="scheduled")
        valkey.zadd(SCHEDULE, {f"job-{n}": n})

    sweep(url)

    assert len(queued(valkey)) == 2 * PER_PART + 1


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


def test_dead_letters_are_forgotten_when_their_jobs_are(url, valkey):
    valkey.zadd(queues.failed_key("routing"), {"of last month": 1.0, "of today": valkey.time()[0] + 60})

    sweep(url)

    assert valkey.zrange(queues.failed_key("routing"), 0, -1) == [b"of today"]
