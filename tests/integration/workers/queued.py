"""Jobs in a queue: as our own scripts write them, and as nobody should."""

import time
from typing import Any

import msgspec
import redis as blocking

from shared import queues
from shared.ids import CallId
from shared.queues import Kind
from tests.signing import event_id_of
from workers.logic.decision import Download


def job_hash(data: bytes, **fields: Any) -> dict[str, Any]:
    """As enqueue.lua writes it."""
    iso = "2026-11-20T15:04:05.120331Z"
    return {
        "created_at": iso,
        "enqueued_at": iso,
        "origin": "routing",
        "description": "call.initiated",
        "timeout": 30,
        "data": data,
        "status": "queued",
        "worker_name": "",
        "result_ttl": 0,
        "failure_ttl": queues.FAILED_TTL_S,
        "retries_left": queues.RETRIES_LEFT,
        **fields,
    }


def webhook_data(body: bytes) -> bytes:
    return queues.job_data(queues.APPLY_WEBHOOK, time.time(), body)


def put_hash(valkey: "blocking.Redis", job_id: str, data: bytes, **fields: Any) -> None:
    valkey.hset(queues.job_key(job_id), mapping=job_hash(data, **fields))


def put_pending(valkey: "blocking.Redis", job_id: str, kind: Kind = "routing", age_s: float = 0.0) -> None:
    """Accepted, `age_s` ago."""
    seconds, micros = valkey.time()
    valkey.zadd(queues.pending_key(kind), {job_id: seconds + micros / 1e6 - age_s})
    valkey.hincrby(queues.STATS, "accepted", 1)


def put_job(valkey: "blocking.Redis", job_id: str, data: bytes, kind: Kind = "routing", **fields: Any) -> None:
    """An accepted job of this data in its queue, with these fields of its hash changed."""
    put_hash(valkey, job_id, data, **fields)
    put_pending(valkey, job_id, kind)
    valkey.rpush(queues.queue_key(kind), job_id)


def put(valkey: "blocking.Redis", body: bytes, kind: Kind = "routing", **fields: Any) -> str:
    """An accepted webhook in its queue; its id."""
    job_id = event_id_of(body)
    put_job(valkey, job_id, webhook_data(body), kind, **fields)
    return job_id


def put_recording(valkey: "blocking.Redis", name: str, host: str, **fields: Any) -> None:
    """A download of `<host>/<name>`, in its queue."""
    download = Download(name, CallId("call-1"), {"wav": f"{host}/{name}"}, "wav", "single", "", "")
    data = queues.job_data(queues.ARCHIVE_RECORDING, time.time(), msgspec.json.encode(download))
    put_hash(valkey, f"recording-{name}", data, origin="recording", **fields)
    valkey.rpush(queues.queue_key("recording"), f"recording-{name}")


def let_leases_run_out(valkey: "blocking.Redis", kind: Kind = "routing") -> None:
    """As when their worker has not renewed them for 3 s, while others were there."""
    for member in valkey.zrange(queues.lease_key(kind), 0, -1):
        valkey.zadd(queues.lease_key(kind), {member: 1.0})


def beat(valkey: "blocking.Redis", kind: Kind = "routing", ago_s: float = 0.0) -> None:
    """Some worker of the kind has beaten: Valkey was not away."""
    seconds, micros = valkey.time()
    valkey.zadd(queues.beat_key(kind), {"another-worker": seconds + micros / 1e6 - ago_s})


def reason_of(valkey: "blocking.Redis", job_id: str) -> str:
    """Why a job was parked; fails when it was not."""
    assert valkey.zscore(queues.failed_key("routing"), job_id) is not None, "it is not a dead letter"
    return str(valkey.hget(queues.job_key(job_id), "exc_info").decode())


def parked_ids(valkey: "blocking.Redis") -> dict[str, str]:
    """What could not be parked as a job: id -> reason."""
    lines = [line.decode(errors="replace").split(" ", 2) for line in valkey.lrange(queues.PARKED, 0, -1)]
    return {job_id: reason for job_id, _, reason in lines}
