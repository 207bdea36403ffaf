"""Taking and finishing jobs: each runs at one place at a time, and only who still has the lease may end it."""

import pytest

from shared import queues
from tests.integration.workers.bench import account, exchange, noted, run
from tests.integration.workers.queued import (
    beat,
    job_hash,
    let_leases_run_out,
    parked_ids,
    put,
    put_hash,
    put_pending,
    reason_of,
    webhook_data,
)
from workers.engine.job import Back, Broken, Done, Job, Park, Retry
from workers.engine.sweep import Sweep


def ids(taken):
    return [job.id for job in taken]


async def take(one, room=32, among=()):
    return (await one.trip([], 0.0, room, [name.encode() for name in among])).taken


async def finish(one, job, verdict):
    return await one.trip([(job, verdict)], 0.1, 0, [])


def test_jobs_are_taken_from_the_front_up_to_the_room_there_is(url, valkey):
    queued = [put(valkey, noted(f"session-{n}")) for n in range(5)]

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one, room=3)

    taken = run(scenario())

    assert ids(taken) == queued[:3]
    assert [name.decode() for name in valkey.lrange(queues.queue_key("routing"), 0, -1)] == queued[3:]
    assert valkey.zcard(queues.lease_key("routing")) == 3


def test_only_an_id_that_is_still_in_the_intermediate_list_is_started(url, valkey):
    waiting = put(valkey, noted())
    valkey.lmove(queues.queue_key("routing"), queues.intermediate_key("routing"))

    async def scenario():
        async with exchange(url, "worker-a") as one, exchange(url, "worker-b") as other:
            return await take(one, 0, [waiting]), await take(other, 0, [waiting])

    first, second = run(scenario())

    assert ids(first) == [waiting]
    assert second == []


def test_an_id_that_was_swept_back_to_the_queue_is_left_there(url, valkey):
    job_id = put(valkey, noted())

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one, 0, [job_id])

    assert run(scenario()) == []
    assert valkey.lrange(queues.queue_key("routing"), 0, -1) == [job_id.encode()]


def test_a_second_copy_of_an_id_is_not_started_while_the_first_runs(url, valkey):
    job_id = put(valkey, noted())
    valkey.rpush(queues.queue_key("routing"), job_id, job_id)

    async def scenario():
        async with exchange(url, "worker-a") as one, exchange(url, "worker-b") as other:
            return await take(one, room=2), await take(other)

    first, second = run(scenario())

    assert ids(first) == [job_id]
    assert second == []
    assert valkey.llen(queues.queue_key("routing")) == 0


def test_an_id_whose_job_is_gone_is_dropped(url, valkey):
    valkey.rpush(queues.queue_key("routing"), "done-long-ago")

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one)

    assert run(scenario()) == []
    assert not valkey.exists(queues.job_key("done-long-ago"))


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


def wrong_type(valkey, job_id):
    valkey.delete(queues.job_key(job_id))
    valkey.set(queues.job_key(job_id), "no hash")


SPOILT = {
    "a job hash of a wrong type": (wrong_type, "WRONGTYPE"),
    "executions of a wrong type": (lambda valkey, job_id: valkey.set(f"rq:executions:{job_id}", 1), "WRONGTYPE"),
}


@pytest.mark.parametrize(("spoil", "reason"), SPOILT.values(), ids=SPOILT)
def test_a_job_that_cannot_be_started_is_parked_and_its_neighbours_are_not(url, valkey, spoil, reason):
    first, bad, last = (put(valkey, noted(f"session-{n}")) for n in range(3))
    spoil(valkey, bad)

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one)

    taken = run(scenario())

    assert [type(job) for job in taken] == [Job, Broken, Job]
    assert ids(taken) == [first, bad, last]
    assert reason in parked_ids(valkey)[bad]
    assert account(valkey) == (3, 0, 1, 2)
    assert 0 < valkey.ttl(queues.job_key(bad)) <= queues.FAILED_TTL_S


def test_what_cannot_even_be_parked_stays_pending_until_it_can(url, valkey):
    beat(valkey)
    broken = put(valkey, noted())
    wrong_type(valkey, broken)
    valkey.zincrby(queues.pending_key("routing"), -6.0, broken)  # accepted 6 s ago
    valkey.set(queues.PARKED, "of a wrong type")

    async def scenario():
        async with exchange(url, "worker-a") as one:
            await take(one)
            taken = account(valkey)
            valkey.delete(queues.PARKED)
            await Sweep(one._client, "routing").once()
            return taken

    taken = run(scenario())

    assert taken == (1, 0, 0, 1)
    assert account(valkey) == (1, 0, 1, 0)
    assert "WRONGTYPE" in parked_ids(valkey)[broken]


@pytest.mark.parametrize("job_id", [b"\xff\xfe", b"a b", b"a:b", b"", "caf\u00e9".encode()])
def test_an_id_that_is_none_is_parked_and_never_run(url, valkey, job_id):
    valkey.hset(b"rq:job:" + job_id, mapping=job_hash(webhook_data(noted())))
    valkey.rpush(queues.queue_key("routing"), job_id)
    good = put(valkey, noted())

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one)

    bad, other = run(scenario())

    assert (type(bad), bad.reason) == (Broken, "not a job id")
    assert other.id == good


def test_fields_that_no_job_of_ours_has_are_told(url, valkey):
    put(valkey, noted(), success_callback_name="os.abort", webhooks="[]", dependency_ids="")

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one)

    (job,) = run(scenario())

    assert job.forbidden == "success_callback_name webhooks"


@pytest.mark.parametrize("forged", ["-1000000", "nan", "1e400", "a word", "0x10"])
def test_forged_counts_are_numbers_that_harm_nobody(url, valkey, forged):
    put(valkey, noted(), exceptions=forged, lost_leases=forged, enqueued_at="9999-99-99")

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one)

    (job,) = run(scenario())

    assert job.exceptions >= 0
    assert job.lost_leases >= 0
    assert job.queued_at == 0.0


@pytest.mark.parametrize("key", [queues.lease_key("routing"), "rq:worker:worker-a:executions"])
def test_nothing_is_taken_while_the_books_are_broken(url, valkey, key):
    """It is no job's fault: parking them all would be worse than waiting."""
    job_id = put(valkey, noted())
    valkey.set(key, "of a wrong type")

    async def scenario():
        async with exchange(url, "worker-a") as one:
            with pytest.raises(Exception, match="WRONGTYPE"):
                await take(one)

    run(scenario())

    assert valkey.lrange(queues.queue_key("routing"), 0, -1) == [job_id.encode()]


def test_a_job_that_lost_its_lease_to_rqs_own_clean_up_has_lost_it_too(url, valkey):
    put(valkey, noted(), retries_left=queues.RETRIES_LEFT - 2, lost_leases=1)

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one)

    (job,) = run(scenario())

    assert job.lost_leases == 3


@pytest.mark.parametrize("left", [None, 3])
def test_a_job_from_outside_gets_the_retries_that_keep_rqs_clean_up_from_failing_it(url, valkey, left):
    job_id = put(valkey, noted())
    valkey.hdel(queues.job_key(job_id), "retries_left")
    if left is not None:
        valkey.hset(queues.job_key(job_id), "retries_left", left)

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one)

    (job,) = run(scenario())

    assert job.lost_leases == 0
    assert int(valkey.hget(queues.job_key(job_id), "retries_left")) == queues.RETRIES_LEFT


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


def test_a_job_that_was_requeued_while_it_ran_alone_is_parked_instead_of_run(url, valkey):
    """RQ's clean-up may see the lapsed lease before our sweep does."""
    job_id = put(valkey, noted(), alone="1", lost_leases=3)

    async def scenario():
        async with exchange(url, "worker-a") as one:
            return await take(one)

    (broken,) = run(scenario())

    assert isinstance(broken, Broken)
    assert "alone" in reason_of(valkey, job_id)
    assert account(valkey) == (1, 0, 1, 0)


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


def test_a_server_that_has_forgotten_the_scripts_is_told_them_again(url, valkey):
    put(valkey, noted("one"))

    async def scenario():
        async with exchange(url, "worker-a") as one:
            (job,) = await take(one)
            put(valkey, noted("two"))
            valkey.script_flush()
            return await one.trip([(job, Done())], 0.1, 32, [])

    trip = run(scenario())

    assert (len(trip.taken), trip.trouble) == (1, None)
    assert valkey.zcard(queues.lease_key("routing")) == 1


def test_what_is_pending_stays_pending_while_it_is_retried(url, valkey):
    put_hash(valkey, "event-1", webhook_data(noted()))
    put_pending(valkey, "event-1")
    valkey.rpush(queues.queue_key("routing"), "event-1")

    async def scenario():
        async with exchange(url, "worker-a") as one:
            (job,) = await take(one)
            await finish(one, job, Retry(60.0, True, "x"))

    run(scenario())

    assert account(valkey) == (1, 0, 0, 1)
