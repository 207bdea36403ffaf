"""A job as START hands it out, and what becomes of it."""

from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from shared import queues
from shared.errors import JobRefused
from shared.queues import JobArgs


class Job(NamedTuple):
    """A started job: ours until its lease ends."""

    id: str
    execution: str
    data: bytes
    queued_at: float
    exceptions: int
    lost_leases: int
    forbidden: str  # names of RQ fields that no job of ours has: callbacks, webhooks, dependencies


class Done(NamedTuple):
    """Delete it."""


class Retry(NamedTuple):
    """Again after a while. `counts` when it was an exception of the job's own: three of them park it."""

    delay_s: float
    counts: bool
    reason: str


class Back(NamedTuple):
    """To the front of the queue, as if it had never been taken."""


class Park(NamedTuple):
    """A dead letter, with the reason that the operator reads."""

    reason: str


Verdict: TypeAlias = Done | Retry | Back | Park


class Broken(NamedTuple):
    """A job that must not run: START has parked it."""

    id: str
    reason: str


def read_start(reply: list[list[Any]]) -> list[Job | Broken]:
    """The reply of start.lua."""
    jobs: list[Job | Broken] = []
    for fields in reply:
        job_id = fields[0].decode(errors="replace")
        if fields[1] == b"broken":
            jobs.append(Broken(job_id, fields[2].decode(errors="replace")))
            continue
        execution, data, queued_at, exceptions, lost, forbidden = fields[1:]
        counts = max(0, exceptions), max(0, lost)  # whoever can write to Valkey can write anything here
        jobs.append(Job(job_id, execution.decode(), data, _unix(queued_at), *counts, forbidden.decode()))
    return jobs


def read_data(job: Job) -> tuple[str, JobArgs]:
    """The function's name and its arguments. Raises JobRefused for anything outside the contract."""
    if job.forbidden:
        raise JobRefused(f"a job here has no {job.forbidden}")
    return queues.read_job_data(job.data)


def to_finish(job: Job, verdict: Verdict) -> dict[str, object]:
    """An item of finish.lua."""
    return {"id": job.id, "execution": job.execution, **_told(job, verdict)}


def _unix(text: bytes) -> float:
    try:
        return datetime.fromisoformat(text.decode()).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _told(job: Job, verdict: Verdict) -> dict[str, object]:
    match verdict:
        case Done():
            return {"verdict": "done"}
        case Retry(delay_s, counts, _):
            return {"verdict": "retry", "delay": delay_s, "exceptions": job.exceptions + int(counts)}
        case Back():
            return {"verdict": "back"}
        case Park(reason):  # text from outside may hold lone surrogates
            return {"verdict": "park", "reason": reason.encode(errors="replace").decode()}
