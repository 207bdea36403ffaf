"""Sweeping: what dead workers have left goes back, what is due is pushed, and nothing is taken from the living."""

import pytest

from shared import queues
from tests.integration.workers.bench import account, noted
from tests.integration.workers.queued import beat, let_leases_run_out, put, put_hash, reason_of
from tests.integration.workers.sweeping import (
    INTERMEDIATE,
    LEASES,
    QUEUE,
    SCHEDULE,
    let_a_second_pass,
    queued,
    sweep,
    take,
)
from workers.engine.sweep import PER_PART


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


def test_dead_letters_are_forgotten_when_their_jobs_are(url, valkey):
    valkey.zadd(queues.failed_key("routing"), {"of last month": 1.0, "of today": valkey.time()[0] + 60})

    sweep(url)

    assert valkey.zrange(queues.failed_key("routing"), 0, -1) == [b"of today"]
