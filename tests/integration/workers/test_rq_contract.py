"""RQ's own tools on our jobs: its data model is kept, and nothing that they do by themselves loses a job."""

import time
from datetime import UTC, datetime

import pytest
from rq import Queue, Worker
from rq.job import Callback, Job, JobStatus
from rq.registry import FailedJobRegistry, ScheduledJobRegistry, StartedJobRegistry

from shared import queues
from shared.queues import KINDS, MsgpackSerializer
from tests.integration.workers.bench import (
    accept,
    account,
    exchange,
    incoming,
    noted,
    parts,
    run,
    settled,
    until,
    working,
)
from tests.integration.workers.commits import CALL, call, change, decided
from tests.integration.workers.queued import let_leases_run_out, put
from tests.integration.workers.telnyx import telnyx
from tests.signing import webhook_body
from workers.engine.job import Park, Retry
from workers.logic.decision import Timer


def rq_queue(kind, connection):
    """The stock RQ queue of a kind."""
    return Queue(kind, connection=connection, serializer=MsgpackSerializer)


def fetch(valkey, job_id):
    return Job.fetch(job_id, connection=valkey, serializer=MsgpackSerializer)


def registry(kind, valkey):
    return kind("routing", connection=valkey, serializer=MsgpackSerializer)


async def taken(url, verdict=None, worker="worker-a"):
    """Take every job of the queue, and finish each with this verdict."""
    async with exchange(url, worker) as one:
        jobs = (await one.trip([], 0.0, 32, [])).taken
        if verdict is not None:
            await one.trip([(job, verdict) for job in jobs], 0.0, 0, [])
        return jobs


def test_an_accepted_event_is_an_rq_job(url, valkey):
    body = noted()
    (job_id,) = run(accept(url, body))

    job = fetch(valkey, job_id)

    assert job.get_status() == JobStatus.QUEUED
    assert (job.func_name, job.origin, job.timeout) == (queues.APPLY_WEBHOOK, "routing", 30)
    assert job.args[0] == queues.SCHEMA
    assert job.args[2] == body
    assert job.description == "call.dtmf.received"  # no caller's number
    assert (job.result_ttl, job.failure_ttl) == (0, queues.FAILED_TTL_S)
    assert job.retries_left > 100_000
    assert abs((datetime.now(UTC) - job.enqueued_at).total_seconds()) < 60
    assert rq_queue("routing", valkey).job_ids == [job_id]
    assert [queue.name for queue in Queue.all(connection=valkey)] == ["routing"]


def test_a_running_job_is_in_rqs_started_registry_with_its_worker(url, valkey):
    job_id = put(valkey, noted())
    run(taken(url))

    job = fetch(valkey, job_id)

    assert job.get_status() == JobStatus.STARTED
    assert job.worker_name == "worker-a"
    assert registry(StartedJobRegistry, valkey).get_job_ids(cleanup=False) == [job_id]
    (execution,) = job.get_executions()
    assert (execution.job_id, execution.worker_name) == (job_id, "worker-a")


def test_a_dead_letter_is_in_rqs_failed_registry_with_its_reason(url, valkey):
    job_id = put(valkey, noted())
    run(taken(url, Park("a reason to read")))

    job = fetch(valkey, job_id)

    assert job.get_status() == JobStatus.FAILED
    assert job._exc_info == "a reason to read"  # the property that RQ's tools show is deprecated in RQ itself
    assert job.ended_at is not None
    assert registry(FailedJobRegistry, valkey).get_job_ids() == [job_id]


def test_a_retry_and_a_timer_are_in_rqs_scheduled_registry_at_their_times(url, valkey):
    retried = put(valkey, noted())
    run(taken(url, Retry(60.0, True, "x")))

    async def set_timer():
        async with parts(url) as at:
            before = await at.store.load_call(CALL)
            await at.store.commit(change(before, decided(call(), timers=(Timer("a wait", 90.0),))))

    run(set_timer())

    scheduled = registry(ScheduledJobRegistry, valkey)
    jobs = {job_id: fetch(valkey, job_id) for job_id in scheduled.get_job_ids()}
    due = sorted((scheduled.get_scheduled_time(job).timestamp() - time.time(), job.id) for job in jobs.values())
    assert [job.get_status() for job in jobs.values()] == [JobStatus.SCHEDULED] * 2
    assert [round(seconds, -1) for seconds, _ in due] == [60, 90]
    assert due[0][1] == retried
    assert jobs[due[1][1]].func_name == queues.FIRE_TIMER


def test_rqs_clean_up_of_a_lapsed_lease_loses_nothing_and_runs_nothing_twice(url, valkey):
    """`rq info` and dashboards do it: the job goes back to the queue, and its first worker can end it no more."""
    put(valkey, noted())

    async def scenario():
        async with exchange(url, "worker-a") as first:
            (old,) = (await first.trip([], 0.0, 32, [])).taken
            let_leases_run_out(valkey)
            started = registry(StartedJobRegistry, valkey)
            assert started.get_job_ids(cleanup=True) == []
            await first.trip([(old, Park("too late"))], 0.0, 0, [])
        async with working(url):
            await settled(valkey, 1)
        return old

    old = run(scenario())

    assert not valkey.exists(queues.job_key(old.id))
    assert registry(FailedJobRegistry, valkey).get_job_ids() == []


def test_a_job_that_rq_requeues_while_its_worker_finishes_it_is_applied_once(url, valkey):
    body = noted()
    job_id = put(valkey, body)
    copy = valkey.hgetall(queues.job_key(job_id))

    async def scenario():
        async with working(url):
            await settled(valkey, 1)
            await until(lambda: not valkey.exists(queues.job_key(job_id)), "it is finished")
            valkey.hset(queues.job_key(job_id), mapping=copy)  # as RQ's pipeline writes it back
            valkey.rpush(queues.queue_key("routing"), job_id)
            await until(lambda: not valkey.exists(queues.job_key(job_id)), "the copy is gone")

    run(scenario())

    assert account(valkey) == (1, 1, 0, 0)


@pytest.mark.parametrize("by", ["requeue of the registry", "requeue of the job"])
def test_a_dead_letter_that_rq_requeues_is_run_again(url, valkey, by):
    job_id = put(valkey, noted())
    run(taken(url, Park("a reason")))
    if by == "requeue of the job":
        fetch(valkey, job_id).requeue()
    else:
        registry(FailedJobRegistry, valkey).requeue(job_id)

    async def scenario():
        async with working(url):
            await until(lambda: not valkey.exists(queues.job_key(job_id)), "it is finished")

    run(scenario())

    assert account(valkey).balanced
    assert valkey.scard(valkey.keys("trunkline:applied:*")[0]) == 1


def test_a_job_that_rq_itself_enqueues_runs(url, valkey):
    """Its data is compressed, it has no retries left, and its id is one that RQ drew."""
    body = incoming(to="+19995550100")

    async def scenario():
        async with telnyx() as there, working(url, there.url):
            job = rq_queue("routing", valkey).enqueue(queues.APPLY_WEBHOOK, queues.SCHEMA, time.time(), body)
            await until(lambda: there.requests, "its call is rejected")
            await until(lambda: not valkey.exists(job.key), "it is finished")
            return there.verbs

    assert run(scenario()) == ["reject"]


def test_a_job_that_rq_enqueues_with_a_callback_is_parked(url, valkey):
    async def scenario():
        async with working(url):
            job = rq_queue("routing", valkey).enqueue(
                queues.APPLY_WEBHOOK, queues.SCHEMA, 0.0, noted(), on_failure=Callback("os.abort")
            )
            await until(lambda: job.get_status() == JobStatus.FAILED, "it is parked")
            return fetch(valkey, job.id)._exc_info

    assert "failure_callback_name" in run(scenario())


def test_rqs_tools_see_our_workers_their_queues_and_their_state(url, valkey):
    async def scenario():
        seen = {}
        for kind in KINDS:
            async with working(url, kind=kind):
                await until(lambda: Worker.all(connection=valkey)[0].get_state() == "idle", "it is idle")
                (worker,) = Worker.all(connection=valkey)
                seen[kind] = (
                    worker.queue_names(),
                    worker.birth_date,
                    Worker.count(queue=Queue(kind, connection=valkey)),
                )
            assert Worker.all(connection=valkey) == []
        return seen

    seen = run(scenario())

    assert {kind: names for kind, (names, _, _) in seen.items()} == {kind: [kind] for kind in KINDS}
    assert {count for _, _, count in seen.values()} == {1}
    assert all(birth is not None for _, birth, _ in seen.values())


def test_rqs_tools_see_what_a_worker_has_done(url, valkey):
    bad = webhook_body("call.answered")
    put(valkey, bad)
    valkey.hset(queues.job_key(put(valkey, noted())), "success_callback_name", "os.abort")

    async def scenario():
        async with working(url) as at:
            await settled(valkey, 1, 1)
            counts = "successful_job_count", "failed_job_count"
            await until(lambda: valkey.hmget(at.worker.key, counts) == [b"1", b"1"], "both are counted")
            (worker,) = Worker.all(connection=valkey)
            return worker

    worker = run(scenario())

    assert (worker.successful_job_count, worker.failed_job_count) == (1, 1)
    assert worker.total_working_time > 0
