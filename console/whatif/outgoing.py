"""A profile of outbound calls explained: whether it may be dialled, when, and what each verdict leads to; pure."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from console.whatif.follows import Path, follow
from console.whatif.rehearsal import CALL, Rehearsal
from shared import dialplan, placing
from shared.calls import Call, Request
from shared.dialplan import Outbound, Outcome, Plan
from shared.dialplan.walk import destinations
from shared.errors import CallRefused
from shared.placing import CallRequest
from shared.recipient import zones
from workers.logic.decision import Around
from workers.logic.happened import CallRequested
from workers.logic.place import opening_of

ANYBODY: Final = "sip:anybody@example.invalid"  # is dialled where no number is given


class Hours(msgspec.Struct, frozen=True):
    """When a call may be dialled. `opens` is None when it is open now, or never is (within 366 days)."""

    is_open: bool
    schedule: str | None = None
    clocks: tuple[str, ...] = ()
    opens: datetime | None = None


class Explained(msgspec.Struct, frozen=True):
    """`refused` is why no call may be placed to this number, empty where it may or where none was given."""

    profile: str
    to: str | None
    hours: Hours
    refused: str
    attempts: int
    retry_after: dict[Outcome, str]
    dnc: bool
    follows: Path


def explain(plan: Plan, profile: str, to: str | None, at: datetime, connection: str, around: Around) -> Explained:
    written = plan.outbound[profile]
    texts = {name: f"{{{name}}}" for name in dialplan.variables(written)}  # spoken as they stand in the file
    request = Request(CALL, profile, to or ANYBODY, texts, "")
    rehearsed = plan if to else _reaching_anybody(plan)
    begin = Rehearsal(rehearsed, Call(CALL, connection=connection), at.timestamp(), around)
    return Explained(
        profile,
        to,
        _hours(plan, written, request, at),
        refusal(plan, request) if to else "",
        written.attempts,
        {**written.retry_after},
        written.dnc,
        follow(begin, CallRequested(request, at.timestamp())),
    )


def _hours(plan: Plan, written: Outbound, request: Request, at: datetime) -> Hours:
    opening = opening_of(plan, request, at.timestamp())
    if written.schedule is None:
        return Hours(is_open=True)
    named = zones(request.to) if written.clock == "recipient" else ()
    clocks = tuple(zone.key for zone in named) or (plan.timezone,)
    if opening is None:
        return Hours(False, written.schedule, clocks)
    is_open = opening <= at.timestamp()
    return Hours(is_open, written.schedule, clocks, None if is_open else datetime.fromtimestamp(opening, UTC))


def refusal(plan: Plan, request: Request) -> str:
    """Why such a call would not be accepted, or nothing."""
    try:
        placing.check(plan, CallRequest(request.profile, request.to, request.variables))
    except CallRefused as reason:
        return str(reason)
    return ""


def _reaching_anybody(plan: Plan) -> Plan:
    """The same plan, in which nobody in particular may be dialled as well."""
    allowed = plan.limits.allow
    if allowed is None:
        allowed = tuple(number for _, number in destinations(plan))
    limits = msgspec.structs.replace(plan.limits, allow=(*allowed, ANYBODY))
    return msgspec.structs.replace(plan, limits=limits)
