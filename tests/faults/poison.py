"""Jobs that no worker can run, as a bug or somebody with access to Valkey could leave them in a queue."""

import zlib
from typing import Final

import redis

from shared import queues
from tests.integration.workers.queued import put, put_job, put_pending, webhook_data
from tests.signing import webhook_body

LARGE: Final = 10_000_000  # bytes
NO_ID: Final = b"\xff\xfe"
QUEUE: Final = queues.queue_key("routing")


def rejected_call(**payload) -> bytes:
    """The first event of a call that nobody wants."""
    return webhook_body(direction="incoming", state="parked", to="+19995550100", **payload)


def carrying(data, **fields):
    """A job of this data."""

    def push(valkey, job_id):
        put_job(valkey, job_id, data, **fields)

    return push


def wrong_type(valkey, job_id):
    put_pending(valkey, job_id)
    valkey.set(queues.job_key(job_id), "no hash")
    valkey.rpush(QUEUE, job_id)


def wrong_executions(valkey, job_id):
    valkey.set(f"rq:executions:{job_id}", 1)
    carrying(webhook_data(rejected_call()))(valkey, job_id)


def no_data(valkey, job_id):
    put_pending(valkey, job_id)
    valkey.hset(queues.job_key(job_id), "status", "queued")
    valkey.rpush(QUEUE, job_id)


def gone(valkey, job_id):
    """Accepted six seconds ago, and nothing but its id is left."""
    put_pending(valkey, job_id, age_s=6.0)


PARKED: Final = {
    "a hash of a wrong type": (wrong_type, "WRONGTYPE"),
    "executions of a wrong type": (wrong_executions, "WRONGTYPE"),
    "no data": (no_data, "what a job carries"),
    "no hash": (gone, "lost: its job is gone"),
    "pickled": (carrying(b"\x80\x04\x95"), "what a job carries"),
    "unknown function": (carrying(queues.job_data("os.system", 0.0, b"true")), "unknown function 'os.system'"),
    "a callback": (
        carrying(webhook_data(rejected_call()), success_callback_name="os.abort"),
        "success_callback_name",
    ),
    "webhooks": (carrying(webhook_data(rejected_call()), webhooks="[]"), "webhooks"),
    "10 MB that are no job": (carrying(bytes(LARGE)), "what a job carries"),
    "10 MB that are no event": (carrying(webhook_data(bytes(LARGE))), "not an event"),
    "10 MB, compressed": (carrying(zlib.compress(webhook_data(bytes(LARGE)))), "what a job carries"),
    "nested 100,000 deep": (carrying(webhook_data(b"[" * 100_000)), "not an event"),
}
# RQ's own fields: its workers quit at such ones, ours need none of them, and the event is applied.
ALL_THE_SAME: Final = {
    "a bad status": {"status": "garbage"},
    "bad dates": {"created_at": "garbage", "enqueued_at": "9999-99-99", "started_at": "\x00"},
    "a bad timeout": {"timeout": "garbage", "retries_left": "many"},
    "forged counts": {"exceptions": "-1", "lost_leases": "nan"},
}


def push_poison(valkey: "redis.Redis") -> dict[bytes, str]:
    """Every kind of it; job id -> what its reason says."""
    expected = {NO_ID: "not a job id"}
    for n, (push, reason) in enumerate(PARKED.values()):
        push(valkey, f"poison-{n}")
        expected[f"poison-{n}".encode()] = reason
    valkey.hset(b"rq:job:" + NO_ID, "status", "queued")
    valkey.rpush(QUEUE, NO_ID)
    return expected


def push_odd(valkey: "redis.Redis") -> list[str]:
    """Every kind of job that only looks like it; their ids."""
    return [put(valkey, rejected_call(), **fields) for fields in ALL_THE_SAME.values()]


def reasons(valkey: "redis.Redis") -> dict[bytes, str]:
    """Of everything that is parked: id -> why."""
    apart = (entry.split(b" ", 2) for entry in valkey.lrange(queues.PARKED, 0, -1))
    failed = valkey.zrange(queues.failed_key("routing"), 0, -1)
    letters = {job: valkey.hget(b"rq:job:" + job, "exc_info").decode() for job in failed}
    return {job: reason.decode() for job, _, reason in apart} | letters
