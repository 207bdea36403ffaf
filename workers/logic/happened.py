"""What a decision can be about: webhooks, the outcomes of our commands, timers, requests."""

from typing import Any, TypeAlias

import msgspec

from shared.calls import Request
from shared.events import CallIds, Payload
from shared.ids import LegId, Row


class Webhook(msgspec.Struct, frozen=True):
    """A verified event of Telnyx; `at` is its occurred_at, or when we received it, in Unix seconds.

    `age_s` is how long ago it occurred, where it says when.
    """

    id: str
    event_type: str
    at: float
    ids: CallIds
    payload: Payload
    age_s: float = 0.0


class CommandSucceeded(msgspec.Struct, frozen=True):
    """Telnyx accepted the command (it says nothing of its effect); `data` or `items` is what it answered."""

    row: Row
    at: float
    data: dict[str, Any] = {}
    items: tuple[dict[str, Any], ...] = ()


class CommandFailed(msgspec.Struct, frozen=True):
    """Telnyx refused, and the command has certainly had no effect.

    `ended`: the leg is over. `again`: what is refused now may pass as a new command, `again_in_s` from now.
    """

    row: Row
    at: float
    code: str
    ended: bool = False
    again: bool = False
    again_in_s: float = 0.0


class CommandUnknown(msgspec.Struct, frozen=True):
    """No try of it was proven to have had an effect or none."""

    row: Row
    at: float


class CommandVoided(msgspec.Struct, frozen=True):
    """It was never sent: its call had no more use for it."""

    row: Row
    at: float


class TimerFired(msgspec.Struct, frozen=True):
    """Valid only while the record names this version of it."""

    name: str
    version: int
    at: float


class CallRequested(msgspec.Struct, frozen=True):
    """`POST /calls` accepted an outbound call."""

    request: Request
    at: float


class CallCancelled(msgspec.Struct, frozen=True):
    """The business wants one of its outbound calls no more."""

    at: float


class FoundEnded(msgspec.Struct, frozen=True):
    """A reconciliation has found that Telnyx ended a leg, at `at` or before, whose hangup never reached us."""

    leg: LegId
    at: float


Outcome: TypeAlias = CommandSucceeded | CommandFailed | CommandUnknown | CommandVoided
Happened: TypeAlias = Webhook | Outcome | TimerFired | CallRequested | CallCancelled | FoundEnded
