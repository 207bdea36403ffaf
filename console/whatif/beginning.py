"""How a recorded call began, read from its timeline: what it began with, and what it then really got; pure."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from console.whatif.follows import Command, told_fields
from shared import events
from shared.calls import Call, Leg
from shared.errors import BadInput
from shared.timeline import CommandEntry, Entry, EventEntry
from workers.logic.happened import CallRequested, Webhook
from workers.logic.routing_rules import Incoming, incoming_of

_LOOKS: Final = frozenset({"look_at_leg", "look_for_leg"})  # they ask, and move nothing
_fields = msgspec.json.Decoder(dict[str, Any]).decode


class Began(msgspec.Struct, frozen=True):
    """What a call began with, and the call as it stands in `record`."""

    record: Call
    event: Webhook | CallRequested

    @property
    def rule(self) -> str:
        """The rule that it really got, or the profile of a call that we placed."""
        return profile_name(self.event) or self.record.rule

    @property
    def looked_at(self) -> Incoming:
        """What the rules look at; of a call of ours only whom it is for."""
        if isinstance(self.event, CallRequested):
            return Incoming(self.event.request.to, "", "", self.event.at)
        return incoming_of(self.record.main_leg or Leg(), self.event.at)


def profile_name(event: Webhook | CallRequested) -> str:
    """The table of the dialplan that a call of ours is placed by; empty for an incoming call."""
    return f"[outbound.{event.request.profile}]" if isinstance(event, CallRequested) else ""


def beginning_of(record: Call, entries: Sequence[Entry | None]) -> Began | None:
    """None while these entries do not hold the beginning of a call that the dialplan has decided about."""
    if not record.rule and record.request is None:
        return None
    events_of_it = (_event(told, record) for told in entries if isinstance(told, EventEntry))
    event = next((event for event in events_of_it if event is not None), None)
    return None if event is None else Began(record, event)


def first_commands(entries: Sequence[Entry | None]) -> tuple[Command, ...] | None:
    """The first that moved the call along, all of one decision; None when none of these entries is one."""
    found: list[Command] = []
    for told in entries:
        if isinstance(told, CommandEntry) and told.verb not in _LOOKS:
            found.append(Command(told.verb, fields=told_fields(_fields(told.body))))
        elif found:
            break
    return tuple(found) or None


def _event(told: EventEntry, record: Call) -> Webhook | CallRequested | None:
    """What the call began with, if this is it: its request, or the call.initiated of its caller's leg."""
    if told.request is not None:
        return CallRequested(told.request, told.received)
    if told.type != "call.initiated" or record.request is not None:
        return None
    try:
        envelope = events.read_envelope(told.raw)
    except BadInput:
        return None
    if envelope.ids.call_leg_id != record.main:
        return None
    at = told.occurred or told.received
    return Webhook(envelope.id, told.type, at, envelope.ids, events.read_payload(envelope))
