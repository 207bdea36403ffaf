"""What the job of a dead letter was to do, and for which call; pure."""

from collections.abc import Callable
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

import msgspec

from shared import client_state, ids, queues
from shared.calls import Cancel, Request
from shared.errors import BadInput, JobRefused
from shared.events import read_envelope
from shared.ids import SessionId
from shared.reconcile.compare import DeadLeg
from workers.logic.decision import Download, Told


class Trail(NamedTuple):
    """How its call is found, the surest way first, as the workers do; `new` is the call that it would begin."""

    tagged: str
    leg: str
    session: str
    new: str


class Work(NamedTuple):
    """`does` says what a run does, up to the call that it does it to. Where it cannot be read, `trouble` says why.

    `trail` is None where no call has to be there: a recording and an outcome outlive theirs, which `call` names.
    """

    function: str = ""
    what: str = ""  # an event type, or a word for the job
    does: str = ""
    trail: Trail | None = None
    call: str = ""
    received_at: float = 0.0  # Unix seconds
    trouble: str = ""


class _Part(NamedTuple):
    """What the body of a job tells."""

    what: str
    does: str
    trail: Trail | None
    call: str


def read(data: bytes) -> Work:
    """Any bytes have an answer."""
    try:
        function, args = queues.read_job_data(data)
    except JobRefused as reason:
        return Work(trouble=str(reason))
    name = function.rpartition(".")[2]
    if args.schema > queues.SCHEMA:
        return Work(function, name, trouble=f"its schema {args.schema} is newer than this version")
    if function not in _FORMS:
        return Work(
            function, name, received_at=args.received_at, trouble="this version does not know its function"
        )
    part, _ = _FORMS[function]
    try:
        told = part(args.body)
    except _UNREADABLE as reason:
        return Work(function, name, received_at=args.received_at, trouble=f"unreadable: {type(reason).__name__}")
    return Work(function, told.what, told.does, told.trail, told.call, args.received_at)


def payload(data: bytes) -> Any:
    """What the job carries, as JSON has it, with whole numbers and names; None where it cannot be read."""
    try:
        function, args = queues.read_job_data(data)
        _, decode = _FORMS[function]
        return decode(args.body)
    except (JobRefused, KeyError, *_UNREADABLE):
        return None


_Id = Annotated[str, msgspec.Meta(min_length=1)]


class _Payload(msgspec.Struct):
    call_control_id: _Id
    call_leg_id: _Id
    call_session_id: _Id
    client_state: str | None = None


class _Data(msgspec.Struct):
    event_type: str
    payload: _Payload


class _Plain(msgspec.Struct):
    """A webhook as nearly all of them are. Of many letters most of the time goes into reading what they carry."""

    data: _Data


_plain = msgspec.json.Decoder(_Plain).decode


def _webhook(body: bytes) -> _Part:
    try:
        data = _plain(body).data
        event_type, state = data.event_type, data.payload.client_state
        leg, session, event = data.payload.call_leg_id, data.payload.call_session_id, ""
    except msgspec.DecodeError:
        envelope = read_envelope(body)
        event_type, event, state = envelope.event_type, envelope.id, envelope.ids.client_state
        leg, session = envelope.ids.call_leg_id or "", envelope.ids.call_session_id or ""
    tag = client_state.read(state)
    new = ids.inbound_call_id(SessionId(session or leg or event))
    trail = Trail(tag.call if tag else "", leg, session, new)
    outlives = queues.kind_of(event_type) == "recording"  # a recording is told of after its call, too
    return _Part(event_type, f"applies {event_type} to", None if outlives else trail, trail.tagged or new)


def _request(body: bytes) -> _Part:
    request = msgspec.json.decode(body, type=Request)
    does = f"dials under the profile {request.profile!r} for"
    return _Part(f"call {request.profile}", does, Trail("", "", "", request.call), request.call)


def _cancel(body: bytes) -> _Part:
    call = msgspec.json.decode(body, type=Cancel).call
    return _Part("cancel", "cancels", Trail("", "", "", call), call)


def _timer(body: bytes) -> _Part:
    call, name, _ = _decode_timer(body)
    trail = Trail(call, "", "", call)  # named, as it was there: nothing else can have set a timer
    return _Part(f"timer {name}", f"fires the timer {name!r} of", trail, call)


def _dead_leg(body: bytes) -> _Part:
    dead = msgspec.json.decode(body, type=DeadLeg)
    does = "notes the end of a leg that was found gone, in"
    return _Part("leg found ended", does, Trail(dead.call, "", "", dead.call), dead.call)


def _recording(body: bytes) -> _Part:
    download = msgspec.json.decode(body, type=Download)
    return _Part("recording", f"fetches the recording {download.recording_id} of", None, download.call)


def _outcome(body: bytes) -> _Part:
    told = msgspec.json.decode(body, type=Told)
    return _Part("outcome", f"tells the hook {told.hook!r} the outcome of", None, told.call.call)


def _decode_timer(body: bytes) -> tuple[str, str, int]:
    return msgspec.msgpack.decode(body, type=tuple[str, str, int])


def _timer_payload(body: bytes) -> dict[str, Any]:
    call, name, version = _decode_timer(body)
    return {"call": call, "name": name, "version": version}


_Form: TypeAlias = tuple[Callable[[bytes], _Part], Callable[[bytes], Any]]
_UNREADABLE: Final = (BadInput, msgspec.MsgspecError, RecursionError)
_FORMS: Final[dict[str, _Form]] = {
    queues.APPLY_WEBHOOK: (_webhook, msgspec.json.decode),
    queues.PLACE_CALL: (_request, msgspec.json.decode),
    queues.CANCEL_CALL: (_cancel, msgspec.json.decode),
    queues.FIRE_TIMER: (_timer, _timer_payload),
    queues.END_LEG: (_dead_leg, msgspec.json.decode),
    queues.ARCHIVE_RECORDING: (_recording, msgspec.json.decode),
    queues.TELL_OUTCOME: (_outcome, msgspec.json.decode),
}
