"""The only functions that a job may name. Nothing else is ever looked up, let alone imported."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

import msgspec
import structlog
from redis.exceptions import ResponseError

from shared import queues
from shared.calls import Cancel, Request
from shared.dialplan import HookCall, HookFunction
from shared.errors import BadInput, JobRefused, TooNew
from shared.events import read_envelope
from shared.faults import crash_point
from shared.ids import CallId
from shared.log import log, where
from shared.queues import JobArgs
from shared.reconcile import DeadLeg
from shared.valkey import is_away
from workers.archive import Archive
from workers.delivery.entries import Times
from workers.delivery.handle import Handler
from workers.delivery.store import Where
from workers.engine.job import Done, Job, Park, Retry, Verdict, read_data
from workers.logic.decision import Download, Told
from workers.logic.happened import CallCancelled, CallRequested, FoundEnded, TimerFired

EXCEPTIONS: Final = 3  # then the job is parked with its reason
RETRY_DELAY_S: Final = (0.2, 1.0)
NEWER_DELAY_S: Final = 1.0  # by then a worker of the newer version may have taken it
NEWER_WITHIN_S: Final = 3600.0  # a deployment that rolls out takes minutes
VALKEY_DELAY_S: Final = 0.5


class Desk(NamedTuple):
    """What jobs work with."""

    handler: Handler
    archive: Archive
    hooks: Mapping[str, HookFunction] = {}


async def apply_webhook(desk: Desk, job: Job, args: JobArgs, started: float) -> Verdict:
    """Apply a webhook to its call. Its bytes were verified at the ingress; they are decoded again here."""
    try:
        envelope = read_envelope(args.body)
    except BadInput as reason:
        raise JobRefused(f"not an event: {reason}") from None
    structlog.contextvars.bind_contextvars(event_id=envelope.id)
    occurred = envelope.occurred_at.timestamp() if envelope.occurred_at else 0.0
    times = Times(occurred, args.received_at, job.queued_at, started)
    await desk.handler.webhook(envelope, args.body, times)
    return Done()


async def place_call(desk: Desk, job: Job, args: JobArgs, started: float) -> Verdict:
    """Begin an outbound call that `POST /calls` has accepted."""
    request = _decode_json(args.body, Request)
    times = Times(args.received_at, args.received_at, job.queued_at, started)
    requested = CallRequested(request, args.received_at)
    await desk.handler.apply(requested, Where.of_call(request.call), "call.requested", times, event=job.id)
    return Done()


async def cancel_call(desk: Desk, job: Job, args: JobArgs, started: float) -> Verdict:
    """Tell an outbound call that it is wanted no more."""
    cancel = _decode_json(args.body, Cancel)
    times = Times(args.received_at, args.received_at, job.queued_at, started)
    cancelled = CallCancelled(args.received_at)
    await desk.handler.apply(cancelled, Where.of_call(cancel.call), "call.cancelled", times, event=job.id)
    return Done()


async def fire_timer(desk: Desk, job: Job, args: JobArgs, started: float) -> Verdict:
    """Tell a call that a wait of its is over."""
    call_id, name, version = _timer(args.body)
    fired = TimerFired(name, version, started)
    times = Times(started, args.received_at, job.queued_at, started)
    await desk.handler.apply(fired, Where.of_call(CallId(call_id)), f"timer {name}", times)
    return Done()


async def end_leg(desk: Desk, job: Job, args: JobArgs, started: float) -> Verdict:
    """Tell a call that Telnyx has ended a leg of it, as a reconciliation has found."""
    dead = _decode_json(args.body, DeadLeg)
    found = FoundEnded(dead.leg, dead.at)
    times = Times(dead.at, args.received_at, job.queued_at, started)
    await desk.handler.apply(found, Where.of_call(dead.call), "leg found ended", times, event=job.id)
    return Done()


async def archive_recording(desk: Desk, job: Job, args: JobArgs, started: float) -> Verdict:  # noqa: ARG001 - one shape
    """Fetch a recording to where it is kept."""
    return await desk.archive.fetch(_decode_json(args.body, Download), job.exceptions)


async def tell_outcome(desk: Desk, job: Job, args: JobArgs, started: float) -> Verdict:  # noqa: ARG001 - one shape
    """Tell a hook of the business how an outbound call has ended; in a thread, as it may do I/O. At least once."""
    told = _decode_json(args.body, Told)
    function = desk.hooks.get(told.hook)
    if function is None:
        raise JobRefused(f"the hook {told.hook!r} could not be loaded")
    await asyncio.to_thread(_tell, function, told.call, datetime.fromtimestamp(args.received_at, UTC))
    return Done()


def _tell(function: HookFunction, call: HookCall, at: datetime) -> None:
    """What code that is not ours raises is an exception of its job, whatever it is.

    sys.exit() in it must not end the worker. A cancellation of its own is none of ours: after one of ours the job
    goes back to the queue, again and again.
    """
    try:
        function(call, at)
    except Exception:
        raise
    except BaseException as reason:
        raise RuntimeError from reason


T = TypeVar("T")
Function = Callable[[Desk, Job, JobArgs, float], Awaitable[Verdict]]
FUNCTIONS: Final[dict[str, Function]] = {
    queues.APPLY_WEBHOOK: apply_webhook,
    queues.PLACE_CALL: place_call,
    queues.CANCEL_CALL: cancel_call,
    queues.FIRE_TIMER: fire_timer,
    queues.END_LEG: end_leg,
    queues.TELL_OUTCOME: tell_outcome,
    queues.ARCHIVE_RECORDING: archive_recording,
}


async def run(desk: Desk, job: Job, started: float, deadline_s: float) -> Verdict:
    """Run one job to its verdict; raises nothing but cancellation: the border of a job."""
    crash_point("after_start")
    with structlog.contextvars.bound_contextvars(job=job.id):
        structlog.contextvars.unbind_contextvars("event_id", "call")  # of the job before, in the same task
        try:
            name, args = read_data(job)
            if args.schema > queues.SCHEMA:
                return _left_to_newer(f"schema {args.schema} is newer than this worker")
            function = FUNCTIONS.get(name)
            if function is None:
                raise JobRefused(f"unknown function {name[:100]!r}")
            async with asyncio.timeout(deadline_s):
                return await function(desk, job, args, started)
        except JobRefused as reason:
            log.error("job_parked", reason=str(reason))
            return Park(str(reason))
        except TooNew as reason:
            return _too_new(reason, started - args.received_at)
        except Exception as reason:  # noqa: BLE001 - the border: a job's exception is its verdict
            return _excepted(job, reason)


def _too_new(reason: TooNew, age_s: float) -> Verdict:
    if age_s > NEWER_WITHIN_S:
        log.error("job_parked", reason=str(reason))
        return Park(str(reason))
    return _left_to_newer(str(reason))


def _left_to_newer(reason: str) -> Retry:
    log.warning("job_waits_for_newer_worker", reason=reason)
    return Retry(NEWER_DELAY_S, False, reason)


def _excepted(job: Job, reason: Exception) -> Verdict:
    if is_away(reason):
        log.warning("job_waits_for_valkey", reason=type(reason).__name__)
        return Retry(VALKEY_DELAY_S, False, type(reason).__name__)
    told = where(reason) + (f": {str(reason)[:200]}" if isinstance(reason, ResponseError) else "")
    if job.exceptions + 1 >= EXCEPTIONS:
        log.error("job_parked", reason=told)
        return Park(f"{EXCEPTIONS} exceptions, the last {told}")
    log.warning("job_failed", reason=told, attempt=job.exceptions + 1)
    return Retry(RETRY_DELAY_S[job.exceptions], True, told)


def _decode_json(body: bytes, wanted: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.MsgspecError, RecursionError) as reason:
        raise JobRefused(f"not a {wanted.__name__}: {type(reason).__name__}") from None


def _timer(body: bytes) -> tuple[str, str, int]:
    try:
        return msgspec.msgpack.decode(body, type=tuple[str, str, int])
    except msgspec.MsgspecError as reason:
        raise JobRefused(f"not a timer: {type(reason).__name__}") from None
