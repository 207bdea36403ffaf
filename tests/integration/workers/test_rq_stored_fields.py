"""What RQ itself writes, name by name: our scripts share it, so an upgrade that changes it must be read.

When one of these fails after an upgrade of RQ: read what is new in its fields, see to `workers/engine/*.lua`,
`shared/enqueue.lua` and the refusals of `workers/engine/job.py`, and only then change the sets below.
"""

from rq import Callback, Queue, Retry, SimpleWorker

from shared.queues import MsgpackSerializer

JOB = [
    "created_at",
    "data",
    "dependency_id",
    "dependency_ids",
    "description",
    "ended_at",
    "enqueued_at",
    "failure_callback_name",
    "failure_callback_timeout",
    "failure_ttl",
    "group_id",
    "last_heartbeat",
    "meta",
    "origin",
    "result_ttl",
    "retries_left",
    "retry_intervals",
    "started_at",
    "status",
    "stopped_callback_name",
    "stopped_callback_timeout",
    "success_callback_name",
    "success_callback_timeout",
    "timeout",
    "ttl",
    "worker_name",
]
WORKER = [
    "birth",
    "death",
    "failed_job_count",
    "hostname",
    "ip_address",
    "last_heartbeat",
    "pid",
    "python_version",
    "queues",
    "state",
    "total_working_time",
    "version",
]
KEYS = [
    "rq:clean_groups",
    "rq:failed:routing",
    "rq:job:JOB",
    "rq:queues",
    "rq:results:JOB",
    "rq:worker:WORKER",
]


def fields(valkey, key):
    return sorted(field.decode() for field in valkey.hgetall(key))


def test_the_fields_of_a_job_that_waits_for_another_with_every_option(valkey):
    queue = Queue("routing", connection=valkey, serializer=MsgpackSerializer)
    first = queue.enqueue("builtins.len", "a")
    told = [Callback("builtins.print", timeout=5) for _ in range(3)]
    job = queue.enqueue(
        "builtins.len",
        args=("a",),
        job_timeout=5,
        result_ttl=6,
        ttl=7,
        failure_ttl=8,
        description="all",
        depends_on=first,
        meta={"a": 1},
        retry=Retry(max=2, interval=3),
        on_success=told[0],
        on_failure=told[1],
        on_stopped=told[2],
    )

    assert sorted({*fields(valkey, first.key), *fields(valkey, job.key)}) == JOB


def test_the_keys_and_fields_that_a_worker_of_rq_leaves_of_a_job_that_failed(valkey):
    queue = Queue("routing", connection=valkey, serializer=MsgpackSerializer)
    job = queue.enqueue("builtins.int", "not a number")
    worker = SimpleWorker([queue], connection=valkey, serializer=MsgpackSerializer)
    worker.log_result_lifespan = False

    worker.work(burst=True, logging_level="CRITICAL")

    names = {job.id: "JOB", worker.name: "WORKER"}
    found = []
    for key in valkey.scan_iter():
        head, colon, last = key.decode().rpartition(":")
        found.append(f"{head}{colon}{names.get(last, last)}")
    assert sorted(found) == KEYS
    assert fields(valkey, worker.key) == WORKER
