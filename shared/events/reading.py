"""From the verified bytes of a webhook to its envelope, and from there to its typed payload.

Two steps, so that an unknown event type or an odd field never costs an event: the envelope holds what we cannot
do without and keeps the payload raw; the payload's type is then chosen by event type.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.structs import fields

from shared.errors import NotJson, WrongShape
from shared.events.duplicates import refuse_duplicates
from shared.events.nesting import refuse_nesting
from shared.events.payloads import PAYLOADS, Other, Payload, Time

# `\Z` and not `$`, which would let one newline pass. RQ's job ids allow these characters only.
_EventId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,128}\Z")]
_EventType = Annotated[str, Meta(pattern=r"\A[!-~]{1,128}\Z")]
# Ids become keys, paths and log fields: no control characters, no line or paragraph separators.
_LegId = Annotated[str, Meta(max_length=512, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")]
_NULL: Final = Raw(b"null")
_T = TypeVar("_T")


class CallIds(Struct, frozen=True):
    """What an event says about the call it belongs to; `client_state` is an opaque, untrusted hint."""

    call_control_id: str | None = None
    call_leg_id: str | None = None
    call_session_id: str | None = None
    connection_id: str | None = None
    client_state: str | None = None


class Envelope(Struct, frozen=True):
    """One webhook: who sent what about which call, and its payload still raw.

    `occurred_at` is aware and in UTC, or None where it was missing or unreadable; `attempt` counts from 1.
    `delivered_to` is the address that was used, which tells the failover from the primary one.
    """

    id: str
    event_type: str
    occurred_at: datetime | None
    ids: CallIds
    payload: Raw
    attempt: int | None
    delivered_to: str | None = None
    record_type: str | None = None  # event


class _Data(Struct):
    id: _EventId
    event_type: _EventType
    payload: Raw
    occurred_at: Raw = _NULL
    record_type: Raw = _NULL


class _Body(Struct):
    data: _Data
    meta: Raw = _NULL


class _Meta(Struct):
    attempt: Raw = _NULL
    delivered_to: Raw = _NULL


class _Ids(Struct):
    """The three ids that refuse an event when they are malformed, and two that never do."""

    call_control_id: _LegId | None = None
    call_leg_id: _LegId | None = None
    call_session_id: _LegId | None = None
    connection_id: Raw = _NULL
    client_state: Raw = _NULL


_SYNTAX: Final = msgspec.json.Decoder(Raw)
_BODY: Final = msgspec.json.Decoder(_Body)
_IDS: Final = msgspec.json.Decoder(_Ids)
_META: Final = msgspec.json.Decoder(_Meta)
_ATTEMPT: Final = msgspec.json.Decoder(Annotated[int, Meta(ge=1, le=1_000_000)])
_TEXT: Final = msgspec.json.Decoder(str)
_TIME: Final = msgspec.json.Decoder(Time)
_MEMBERS: Final = msgspec.json.Decoder(dict[str, Raw])
_PAYLOADS: Final = {name: msgspec.json.Decoder(kind) for name, kind in PAYLOADS.items()}
_FIELDS: Final[dict[type[Payload], dict[str, tuple[str, msgspec.json.Decoder[Any]]]]] = {
    kind: {f.encode_name: (f.name, msgspec.json.Decoder(f.type)) for f in fields(kind)}
    for kind in PAYLOADS.values()
}


def read_envelope(body: bytes) -> Envelope:
    """Decode a verified body. Raises NotJson or WrongShape, and nothing else.

    UTF-8 is checked over the whole body first: msgspec does not look into strings that it skips.
    """
    try:
        body.decode("utf-8")
        refuse_nesting(body)
        wire, ids = _decode(body)
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    except RecursionError:
        raise NotJson("nested beyond reason") from None
    except msgspec.ValidationError as reason:
        raise WrongShape(str(reason)) from None
    except msgspec.DecodeError as reason:
        raise NotJson(str(reason)) from None
    data = wire.data
    _require(data.event_type, ids)
    refuse_duplicates(body)
    meta = _tolerant(_META, wire.meta) or _Meta()
    return Envelope(
        id=data.id,
        event_type=data.event_type,
        occurred_at=_utc(_tolerant(_TIME, data.occurred_at)),
        ids=ids,
        payload=data.payload,
        attempt=_tolerant(_ATTEMPT, meta.attempt),
        delivered_to=_tolerant(_TEXT, meta.delivered_to),
        record_type=_tolerant(_TEXT, data.record_type),
    )


def read_payload(envelope: Envelope) -> Payload:
    """The typed payload, or `Other` for an event that has no type here; a field of a wrong type becomes None.

    A hangup with an unreadable tag is still a hangup: the field is lost, the fact is not, and the raw stays.
    """
    decoder = _PAYLOADS.get(envelope.event_type)
    if decoder is None:
        return Other(envelope.event_type)
    try:
        return decoder.decode(envelope.payload)
    except msgspec.ValidationError:
        return _field_by_field(PAYLOADS[envelope.event_type], envelope.payload)


def _decode(body: bytes) -> tuple[_Body, CallIds]:
    """Envelope and ids. Raises msgspec's errors: DecodeError comes before ValidationError, as 400 before 422."""
    try:
        wire = _BODY.decode(body)
        ids = _IDS.decode(wire.data.payload)
    except msgspec.ValidationError:
        _SYNTAX.decode(body)  # a wrong shape is found before a truncation behind it
        raise
    return wire, CallIds(
        call_control_id=ids.call_control_id or None,
        call_leg_id=ids.call_leg_id or None,
        call_session_id=ids.call_session_id or None,
        connection_id=_tolerant(_TEXT, ids.connection_id),
        client_state=_tolerant(_TEXT, ids.client_state),
    )


def _require(event_type: str, ids: CallIds) -> None:
    """Events that we act upon must name their call. Raises WrongShape.

    A recording's event may lack call_control_id: the official SDK's model of it (CallRecordingSaved) has none.
    """
    if event_type not in PAYLOADS:
        return
    needed = {"call_leg_id": ids.call_leg_id, "call_session_id": ids.call_session_id}
    if not event_type.startswith("call.recording."):
        needed["call_control_id"] = ids.call_control_id
    for name, value in needed.items():
        if value is None:
            raise WrongShape(f"payload.{name} is missing")


def _field_by_field(kind: type[Payload], payload: Raw) -> Payload:
    """Build a payload from those of its fields that are readable."""
    known = _FIELDS[kind]
    readable: dict[str, Any] = {}
    for name, value in _MEMBERS.decode(payload).items():
        if name in known:
            attribute, decoder = known[name]
            readable[attribute] = _tolerant(decoder, value)
    return kind(**readable)


def _tolerant(decoder: msgspec.json.Decoder[_T], value: Raw) -> _T | None:
    """The value, or None where it is not what the decoder reads."""
    try:
        return decoder.decode(value)
    except msgspec.DecodeError:
        return None


def _utc(moment: datetime | None) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment else None
    except OverflowError:  # year 1 or 9999, pushed over the edge by its offset
        return None
