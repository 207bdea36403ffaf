"""Finishing jobs: a verdict leaves its job in one place, and only who still has the lease may give one."""

import pytest

from shared import queues
from tests.integration.workers.bench import account, exchange, noted, run
from tests.integration.workers.queued import beat, let_leases_run_out, put, reason_of
from tests.integration.workers.taking import finish, take
from workers.engine.job import Back, Done, Park, Retry
from workers.engine.sweep import Sweep


@pytest.mark.parametrize(
    ("verdict", "status", "where"),
    [
        pytest.param(Done(), None, None, id="done"),
        pytest.param(Back(), b"queued", queues.queue_key("routing"), id="back"),
        pytest.param(Retry(5.0, True, "x"), b"scheduled", queues.schedule_key("routing"), id="retry"),
        pytest.param(Park("a reason"), b"failed", queues.failed_key("routing"), id="park"),
    ],
)
def test_a_verdict_leaves_the_job_in_one_place(url, valkey, verdict, status, where):
    job_id = put(valkey, noted())

    async def scenario():
        async with exchange(url, "worker-a") as one:
            (job,) = await take(one)
            await finish(one, job, verdict)

    run(scenario())

    places = [queues.queue_key("routing"), queues.schedule_key("routing"), queues.failed_key("routing")]
    full = [key for key in places if valkey.exists(key)]
    assert full == ([where] if where else [])
    assert valkey.hget(queues.job_key(job_id), "status") == status
    assert valkey.zcard(queues.lease_key("routing")) == 0
    assert not valkey.keys("rq:execution*")


def test_a_worker_whose_lease_was_taken_does_not_end_the_job_that_runs_elsewhere(url, valkey):
    job_id = put(valkey, noted())

    async def scenario():
        async with exchange(url, "zombie") as zombie, exchange(url, "heir") as heir:
            (old,) = await take(zombie)
            let_leases_run_out(valkey)
            beat(valkey)
            await Sweep(heir._client, "routing").once()
            (new,) = await take(heir)
            for verdict in (Done(), Park("x"), Retry(1.0, True, "x"), Back()):
                await finish(zombie, old, verdict)
            still_there = valkey.hget(queues.job_key(job_id), "status"), valkey.zcard(queues.lease_key("routing"))
            await finish(heir, new, Done())
            return still_there, new

    still_there, new = run(scenario())

    assert still_there == (b"started", 1)
    assert new.lost_leases == 1
    assert not valkey.exists(queues.job_key(job_id))
    assert valkey.llen(queues.queue_key("routing")) == 0


def test_finishing_twice_changes_nothing(url, valkey):
    put(valkey, noted())

    async def scenario():
        async with exchange(url, "worker-a") as one:
            (job,) = await take(one)
            await finish(one, job, Back())
            (again,) = await take(one)
            await finish(one, job, Park("an answer that was lost on its way"))
            return again

    again = run(scenario())

    assert valkey.zcard(queues.failed_key("routing")) == 0
    assert valkey.hget(queues.job_key(again.id), "status") == b"started"


def test_a_job_that_was_deleted_while_it_ran_stays_deleted(url, valkey):
    """A timer that a later decision has cancelled: half a hash of it would be parked as a broken job."""
    job_id = put(valkey, noted())

    async def scenario():
        async with exchange(url, "worker-a") as one:
            (job,) = await take(one)
            valkey.delete(queues.job_key(job_id))
            await finish(one, job, Retry(0.0, True, "x"))

    run(scenario())

    assert not valkey.exists(queues.job_key(job_id))
    assert valkey.zcard(queues.schedule_key("routing")) == 0


def test_a_job_is_marked_as_running_alone_only_while_it_does(url, valkey):
    job_id = put(valkey, noted())
    alone = queues.job_key(job_id), "alone"

    async def scenario():
        async with exchange(url, "worker-a") as one:
            seen = []
            for verdict in (Back(), Retry(0.0, True, "x")):
                valkey.zrem(queues.schedule_key("routing"), job_id)
                (job,) = await take(one)
                marked = await one.mark_alone(job)
                seen.append((marked, valkey.hget(*alone)))
                await finish(one, job, verdict)
                seen.append(valkey.hget(*alone))
            return seen

    assert run(scenario()) == [(True, b"1"), None, (True, b"1"), None]


def test_a_job_whose_lease_was_lost_is_not_marked_as_running_alone(url, valkey):
    job_id = put(valkey, noted())

    async def scenario():
        async with exchange(url, "worker-a") as one:
            (job,) = await take(one)
            valkey.delete(queues.lease_key("routing"))
            return await one.mark_alone(job)

    assert run(scenario()) is False
    assert not valkey.hexists(queues.job_key(job_id), "alone")


def test_a_dead_letter_that_is_requeued_begins_anew(url, valkey):
    job_id = put(valkey, noted(), exceptions=2, lost_leases=3)

    async def scenario():
        async with exchange(url, "worker-a") as one:
            (job,) = await take(one)
            await finish(one, job, Park("a reason"))
            valkey.zrem(queues.failed_key("routing"), job_id)
            valkey.rpush(queues.queue_key("routing"), job_id)
            return await take(one)

    (job,) = run(scenario())

    assert (job.exceptions, job.lost_leases) == (0, 0)
    assert valkey.ttl(queues.job_key(job_id)) == -1


def test_a_reason_may_hold_whatever_came_from_outside(url, valkey):
    job_id = put(valkey, noted())

    async def scenario():
        async with exchange(url, "worker-a") as one:
            (job,) = await take(one)
            return await finish(one, job, Park("a host named \ud800"))

    assert run(scenario()).trouble is None
    assert reason_of(valkey, job_id) == "a host named ?"


def test_what_is_pending_stays_pending_while_it_is_retried(url, valkey):
    put(valkey, noted())

    async def scenario():
        async with exchange(url, "worker-a") as one:
            (job,) = await take(one)
            await finish(one, job, Retry(60.0, True, "x"))

    run(scenario())

    assert account(valkey) == (1, 0, 0, 1)
