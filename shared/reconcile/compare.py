"""Our legs against Telnyx's: what is missing there, what is over, what nobody here knows; pure.

Times are Unix seconds. Nothing younger than `OLD_S` is judged: its webhooks may still be on their way.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from shared.calls import Call, Leg
from shared.ids import CallId, ControlId, LegId
from shared.telnyx.calls import ActiveCall

OLD_S: Final = 120.0  # Telnyx tries a webhook for about 60 s (docs: receiving-webhooks)
APART_S: Final = 30.0  # two polls that prove something: one alone may have been answered from a stale list


class OpenLeg(NamedTuple):
    """A leg that we take to be up; `since` is when we last heard of it."""

    call: CallId
    leg: LegId
    control_id: ControlId
    connection: str | None
    since: float


class DeadLeg(msgspec.Struct, frozen=True):
    """A leg that Telnyx ended, at `at` or before."""

    call: CallId
    leg: LegId
    at: float


class Up(NamedTuple):
    """A leg that Telnyx lists."""

    connection: str
    told: ActiveCall


class Listed(NamedTuple):
    """What the lists of active calls gave, and the connections whose list was read to its end."""

    legs: Mapping[LegId, Up]
    whole: Collection[str]
    is_all: bool  # of the connections that are ours, none failed


def open_legs(call: Call, since: float) -> list[OpenLeg]:
    """`since` is when the call was first known to have a leg that is up."""
    return [
        OpenLeg(call.id, leg_id, leg.control_id, leg.connection_id, _heard(leg) or since)
        for leg_id, leg in call.legs.items()
        if leg.control_id is not None and leg.ended is None
    ]


def _heard(leg: Leg) -> float | None:
    return max((at for at in (leg.initiated_at, leg.answered_at, leg.bridged_at) if at is not None), default=None)


def missing(ours: Iterable[OpenLeg], listed: Listed, now: float) -> list[OpenLeg]:
    """Ours that Telnyx does not list, where it would have."""
    return [
        leg
        for leg in ours
        if leg.leg not in listed.legs
        and (listed.is_all if leg.connection is None else leg.connection in listed.whole)
        and now - leg.since >= OLD_S
    ]


def is_due(missing_since: float, now: float) -> bool:
    """Whether a leg was missed in two polls that are far enough apart to ask for itself."""
    return now - missing_since >= APART_S


def death(leg: OpenLeg, ended: float | None, missing_since: float, now: float) -> DeadLeg | None:
    """A leg that Telnyx says is over, once that is old: until then its hangup may come, and knows the cause."""
    at = missing_since if ended is None else ended
    return DeadLeg(leg.call, leg.leg, at) if now - at >= OLD_S else None


def is_old(stranger: ActiveCall, seen_since: float, now: float) -> bool:
    """Whether a leg that nothing here knows has been up for so long that nothing more will tell of it."""
    return (stranger.call_duration or 0) >= OLD_S or now - seen_since >= OLD_S
