"""Names in Valkey, the queue of each event, and the schema of a job.

Keys that begin with `rq:` are RQ 3.0's own data model; those that begin with `trunkline:` are ours. All are made
in this one file, though it is a long one; docs/redis-keys.md says what stands in each.
"""

import zlib
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec

from shared.errors import JobRefused

Kind = Literal["routing", "machine_detection", "recording"]
KINDS: Final[tuple[Kind, ...]] = ("routing", "machine_detection", "recording")

SCHEMA: Final = 1  # of a job's arguments; a worker that meets a newer one gives the job back
DEADLINE_S: Final[dict[Kind, int]] = {"routing": 30, "machine_detection": 30, "recording": 150}
LEASE_S: Final = 3.0  # of a job, and of a claim to send: whose worker lives renews it each second
MAX_DATA_BYTES: Final = 1 << 20  # of a job after decompression; the ingress lets no body over 256 KiB through
RETRIES_LEFT: Final = 1_000_000  # RQ's own registry clean-up then requeues a lapsed job instead of failing it

DEDUPE_S: Final = 24 * 3600  # how long an event id is remembered; Telnyx retries for about 60 s
PLAN_KEPT_S: Final = 30 * 24 * 3600  # a call ends under the plan it began with; no call lasts that long
FAILED_TTL_S: Final = 30 * 24 * 3600
METRICS_MINUTE_S: Final = 600
ALIVE_S: Final = 5.0  # a worker beats every second; without a beat for so long it is taken for dead

# The functions that a job may name.
APPLY_WEBHOOK: Final = "workers.engine.jobs.apply_webhook"
PLACE_CALL: Final = "workers.engine.jobs.place_call"
TELL_OUTCOME: Final = "workers.engine.jobs.tell_outcome"
FIRE_TIMER: Final = "workers.engine.jobs.fire_timer"
CANCEL_CALL: Final = "workers.engine.jobs.cancel_call"
END_LEG: Final = "workers.engine.jobs.end_leg"
ARCHIVE_RECORDING: Final = "workers.engine.jobs.archive_recording"

RQ_QUEUES: Final = "rq:queues"  # the set of all queue keys that RQ's own tools list
RQ_WORKERS: Final = "rq:workers"  # the set of all worker keys, likewise
STATS: Final = "trunkline:stats"  # the hash of the account: what was accepted, applied, parked, …
PARKED: Final = "trunkline:parked"  # the newest 10,000 that could not be parked as an RQ job: a broken hash
QUARANTINE: Final = "trunkline:quarantine"  # signed webhooks that are not for us, or that nobody can read
CALLS: Final = "trunkline:calls"  # our calls, scored by when they began
ALIVE: Final = "trunkline:alive"  # calls with a leg that is up, scored by when that began
RECONCILED: Final = "trunkline:reconciled"  # the hash of what reconciling has found so far
RECONCILING: Final = "trunkline:reconciling"  # held by the worker whose turn it is
SUSPECTS: Final = "trunkline:suspects"  # our legs that Telnyx does not list: a hash, by when that was first seen
STRANGERS: Final = "trunkline:strangers"  # likewise of the legs that Telnyx lists and nothing here knows
MISSED: Final = "trunkline:missed"  # incoming legs that were never offered to us, scored by when that was found
OUTBOUND: Final = "trunkline:outbound"  # the set of profiles that ever asked to dial
DNC: Final = "trunkline:dnc"  # the do-not-call set, of what numbers.normal makes of each number
DIALS: Final = "trunkline:dials"  # when the newest dials went out, or will: the pace of the whole fleet
DIALS_HOLD: Final = "trunkline:dials:hold"  # nobody is dialled before this time (Unix seconds)
METRICS: Final = "trunkline:metrics"  # the hash of all that the fleet has counted: fields as in shared/metrics.py
METRICS_MINUTE: Final = "trunkline:metrics:minute:"  # likewise of one minute each, by its number since 1970


class JobArgs(NamedTuple):
    """The arguments of every job: schema number, when it was received (Unix seconds), its bytes."""

    schema: int
    received_at: float
    body: bytes


class Entry(NamedTuple):
    """A job to be stored once."""

    once_key: str  # remembers it for 24 h
    once_value: str  # what the once-key keeps
    job_id: str
    kind: Kind
    description: str  # shown by RQ's tools: never personal data
    data: bytes  # of job_data


class MsgpackSerializer:
    """RQ's serializer protocol over msgpack: loading a job can never run code."""

    @staticmethod
    def dumps(obj: Any) -> bytes:
        return msgspec.msgpack.encode(obj)

    @staticmethod
    def loads(data: bytes) -> Any:
        return msgspec.msgpack.decode(data)


def rq_time(at: datetime) -> str:
    """A UTC time as RQ writes it (rq.utils.utcformat)."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def job_data(function: str, received_at: float, body: bytes) -> bytes:
    """The `data` field of a job hash, as RQ reads it: (function, instance, args, kwargs)."""
    return msgspec.msgpack.encode((function, None, (SCHEMA, received_at, body), {}))


def read_job_data(data: bytes) -> tuple[str, JobArgs]:
    """The function's name and its arguments. Raises JobRefused for anything else.

    Of a newer schema only the number is read. RQ's own `Queue.enqueue` compresses the data with zlib; the ingress
    saves that time.
    """
    try:
        name, _, args, named = msgspec.msgpack.decode(
            _inflated(data), type=tuple[str, None, list[Any], dict[str, Any]]
        )
        if args and isinstance(args[0], int) and args[0] > SCHEMA:
            return name, JobArgs(args[0], 0.0, b"")
        read = msgspec.convert(args, JobArgs)
    except (msgspec.MsgspecError, zlib.error, ValueError, RecursionError) as reason:
        raise JobRefused(f"its data is not what a job carries: {type(reason).__name__}") from None
    if named or read.schema < 1:
        raise JobRefused("its data is not what a job carries: named arguments, or a schema that never was")
    return name, read


def _inflated(data: bytes) -> bytes:
    if not data.startswith(b"\x78"):
        return data
    inflater = zlib.decompressobj()
    plain = inflater.decompress(data, MAX_DATA_BYTES)
    if inflater.unconsumed_tail:
        raise ValueError("too large")
    return plain


def kind_of(event_type: str) -> Kind:
    """Which workers take an event: machine detection and recordings have their own, routing takes all others."""
    if event_type.startswith("call.machine."):
        return "machine_detection"
    if event_type.startswith("call.recording."):
        return "recording"
    return "routing"


def queue_key(kind: Kind) -> str:
    """RQ's queue: the ids of jobs that wait."""
    return f"rq:queue:{kind}"


def intermediate_key(kind: Kind) -> str:
    """RQ's list of ids that an idle worker has taken from the queue and not yet started."""
    return f"rq:queue:{kind}:intermediate"


def lease_key(kind: Kind) -> str:
    """RQ's started registry: `job:execution` scored by the end of its lease."""
    return f"rq:wip:{kind}"


def schedule_key(kind: Kind) -> str:
    """RQ's scheduled registry: retries and timers, scored by when they are due."""
    return f"rq:scheduled:{kind}"


def failed_key(kind: Kind) -> str:
    """RQ's failed registry: the dead letters."""
    return f"rq:failed:{kind}"


def job_key(job_id: str) -> str:
    """RQ's hash of a job."""
    return f"rq:job:{job_id}"


def rq_workers_key(kind: Kind) -> str:
    """RQ's set of the worker keys of one queue."""
    return f"rq:workers:{kind}"


def rq_worker_key(worker: str) -> str:
    """RQ's hash of a worker."""
    return f"rq:worker:{worker}"


def rq_command_channel(worker: str) -> str:
    """Where a worker hears RQ's own commands (rq.command), of which it knows `shutdown`."""
    return f"rq:pubsub:{worker}"


def stranded_key(kind: Kind) -> str:
    """Since when the sweep has seen each id of the intermediate list: a hash."""
    return f"trunkline:intermediate:{kind}"


def searched_key(kind: Kind) -> str:
    """How far the search for lost events has come."""
    return f"trunkline:searched:{kind}"


def seen_key(event_id: str) -> str:
    """An event that was accepted: the once-key of its job."""
    return f"trunkline:seen:{event_id}"


def idempotency_key(key: str) -> str:
    """An `Idempotency-Key` that was used: the once-key of the job that places its call."""
    return f"trunkline:idempotency:{key}"


def pending_key(kind: Kind) -> str:
    """Accepted and neither applied nor parked: event id scored by when it was accepted."""
    return f"trunkline:pending:{kind}"


def drain_key(kind: Kind) -> str:
    """Calls with commands to send, scored by the next try or the end of the drainer's claim."""
    return f"trunkline:drain:{kind}"


def beat_key(kind: Kind) -> str:
    """Live workers of a kind, scored by their last beat."""
    return f"trunkline:beat:{kind}"


def patience_key(kind: Kind) -> str:
    """Set while expired leases and claims may have expired only because Valkey was away: nobody takes them."""
    return f"trunkline:patience:{kind}"


def nudge_channel(worker: str) -> str:
    """Where a worker hears of commands that others have put into the outbox of a call that it drains."""
    return f"trunkline:nudge:{worker}"


def call_key(call_id: str) -> str:
    """The hash of a call: its record, the record's version, and who sends its commands."""
    return f"trunkline:call:{call_id}"


def outbox_key(call_id: str) -> str:
    """The commands of a call that are not settled yet."""
    return f"trunkline:outbox:{call_id}"


def applied_key(call_id: str) -> str:
    """The ids of the events that this call has applied: the second half of the dedupe."""
    return f"trunkline:applied:{call_id}"


def timeline_key(call_id: str) -> str:
    """What happened to a call, as `shared.timeline` writes it down."""
    return f"trunkline:timeline:{call_id}"


def leg_key(leg_id: str) -> str:
    """The call that a leg belongs to."""
    return f"trunkline:leg:{leg_id}"


def session_key(session_id: str) -> str:
    """The call that a session belongs to."""
    return f"trunkline:session:{session_id}"


def plan_key(plan_hash: str) -> str:
    """The text of a dialplan, for the calls that began with it."""
    return f"trunkline:plan:{plan_hash}"


def outbound_key(profile: str) -> str:
    """The hash of a profile's pace: `rate` (dials a second) and `most` (max_live), empty for none.

    `next`: Unix seconds before which nobody is admitted. `paused`: "1", or absent.
    """
    return f"trunkline:outbound:{profile}"


def waiting_key(profile: str) -> str:
    """Calls of a profile that wait for their turn to be dialled, scored by when they asked for it."""
    return f"trunkline:waiting:{profile}"


def live_key(profile: str) -> str:
    """The set of a profile's calls that are dialled or live."""
    return f"trunkline:live:{profile}"


def metrics_batch_key(process: str) -> str:
    """The number of the last batch of metrics that was added for a process."""
    return f"trunkline:metrics:batch:{process}"
