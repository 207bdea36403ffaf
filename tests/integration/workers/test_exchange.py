"""Taking jobs: each runs at one place at a time, and what cannot be started harms no other."""

import pytest

from shared import queues
from tests.integration.workers.bench import account, exchange, noted, run
from tests.integration.workers.queued import beat, job_hash, parked_ids, put, reason_of, webhook_data
from tests.integration.workers.taking import take
from workers.engine.job import Broken, Done, Job
from workers.engine.sweep import Sweep


def ids(taken):
    return [job.id for job in taken]


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
