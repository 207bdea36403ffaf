"""Rows of Telnyx's call events as webhooks that we may have missed; pure.

A row's metadata is free in form (Telnyx docs: list-call-events): where it holds the event, that is taken as it
is. Where it does not, the three facts that need nothing but their name and time are told anew.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from shared import events, ids
from shared.calls import Leg
from shared.errors import BadInput
from shared.events import CallInitiated, Envelope
from shared.ids import LegId, SessionId
from shared.telnyx.call_events import CallEvent

_FACTS: Final = {"call.answered": "answered_at", "call.bridged": "bridged_at", "call.hangup": "ended"}


class Row(NamedTuple):
    """A webhook that Telnyx has on record; `envelope` and `body` are None where only its name is known."""

    name: str
    at: float
    leg: LegId | None
    session: SessionId | None
    envelope: Envelope | None
    body: bytes | None


def read_row(told: CallEvent) -> Row | None:
    """None for a row that is no webhook, or does not tell when it was."""
    at = moment(told.event_timestamp)
    if told.type != "webhook" or not told.name or at is None:
        return None
    leg = LegId(told.call_leg_id) if told.call_leg_id else None
    session = SessionId(told.call_session_id) if told.call_session_id else None
    for body in _bodies(told.metadata or {}):
        try:
            envelope = events.read_envelope(body)
        except BadInput:
            continue
        occurred = envelope.occurred_at.timestamp() if envelope.occurred_at else at
        return Row(envelope.event_type, occurred, leg, session, envelope, body)
    return Row(told.name, at, leg, session, None, None)


def begins_a_call(row: Row) -> bool:
    """Whether it would be routed. What Telnyx has on record is too old for that: the caller has gone, or worse."""
    if row.name != "call.initiated":
        return False
    return row.envelope is None or initiated(row.envelope).direction != "outgoing"


def initiated(envelope: Envelope) -> CallInitiated:
    """The payload of a call.initiated."""
    told = events.read_payload(envelope)
    return told if isinstance(told, CallInitiated) else CallInitiated()


def lacks(leg: Leg, row: Row) -> bool:
    """Whether our record does not have this fact of a leg."""
    field = _FACTS.get(row.name)
    return field is not None and getattr(leg, field) is None


def webhook_of(leg_id: LegId, leg: Leg, row: Row) -> bytes:
    """The webhook of a fact of which only the name and the time are known."""
    at = datetime.fromtimestamp(row.at, UTC).isoformat()
    payload = {
        "call_control_id": leg.control_id,
        "call_leg_id": leg_id,
        "call_session_id": row.session or leg.session_id,
        "connection_id": leg.connection_id,
    }
    data = {
        "record_type": "event",
        "id": ids.reconciled_id(leg_id, row.name),
        "event_type": row.name,
        "occurred_at": at,
        "payload": payload,
    }
    return msgspec.json.encode({"data": data})


def _bodies(metadata: dict[str, Any]) -> Iterator[bytes]:
    """Whatever in it looks like a webhook's body, or the `data` of one."""
    for value in (metadata, *metadata.values()):
        if not isinstance(value, dict):
            continue
        if "event_type" in value and "payload" in value:
            yield msgspec.json.encode({"data": value})
        elif isinstance(value.get("data"), dict):
            yield msgspec.json.encode({"data": value["data"]})


def moment(text: str | None) -> float | None:
    """Of an ISO 8601 time; one without a zone is UTC."""
    try:
        at = datetime.fromisoformat(text or "")
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
