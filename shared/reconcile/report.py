"""What one run has found, as the operator reads it."""

import msgspec

from shared.ids import CallId, ControlId, LegId
from shared.reconcile.compare import DeadLeg


class Fed(msgspec.Struct, frozen=True):
    """An event that never reached us, and is applied now."""

    call: CallId
    leg: LegId | None
    event: str
    at: float


class Missed(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """An incoming call that was never offered to us. It is too late to route it. Numbers are masked."""

    leg: LegId
    at: float
    from_: str
    to: str


class Unknown(msgspec.Struct, frozen=True):
    """A leg that is up at Telnyx, and belongs to no call of ours. Seconds since it was answered."""

    call_control_id: ControlId
    leg: LegId
    connection: str
    duration: int


class Report(msgspec.Struct, frozen=True):
    """`suspects`: legs that Telnyx does not list, and that are not proven to be over (yet).

    `troubles`: what could not be read, or was too much for one run. `upto`: when the next run has to begin reading
    events (Unix seconds), 0 for where this one did.
    """

    closed: tuple[DeadLeg, ...] = ()
    fed: tuple[Fed, ...] = ()
    missed: tuple[Missed, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    suspects: int = 0
    troubles: tuple[str, ...] = ()
    upto: float = 0.0
