"""Which rule an incoming call falls under: the first whose every key holds, else the default; pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from shared.calls import Leg
from shared.dialplan import Action, Plan, When, is_open
from shared.numbers import is_withheld, matches


class Incoming(msgspec.Struct, frozen=True):
    """What the rules may look at. `at` is Unix seconds; `headers` are (name, value) in the order they came."""

    to: str
    from_: str
    connection: str
    at: float = 0.0
    attestation: str | None = None
    tags: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


def incoming_of(leg: Leg, now: float) -> Incoming:
    """What is known of the caller's leg; `now` where its call.initiated did not say when it was."""
    return Incoming(
        to=leg.to or "",
        from_=leg.from_ or "",
        connection=leg.connection_id or "",
        at=leg.initiated_at if leg.initiated_at is not None else now,
        attestation=leg.attestation,
        tags=leg.tags,
        headers=leg.headers,
    )


class Miss(msgspec.Struct, frozen=True):
    """The first key that kept a rule from matching. No numbers in `detail`: it is shown and logged."""

    rule: str
    key: str
    detail: str


class Match(msgspec.Struct, frozen=True):
    """`rule` is None for the default; `why` has a miss for each earlier rule."""

    rule: str | None
    action: Action
    why: tuple[Miss, ...] = ()


def first_match(plan: Plan, facts: Incoming) -> Match:
    why: tuple[Miss, ...] = ()
    for rule in plan.rules:
        missed = _first_miss(plan, rule.when, facts)
        if missed is None:
            return Match(rule.name, rule.then, why)
        why = (*why, Miss(rule.name, *missed))
    return Match(None, plan.default.then, why)


def _first_miss(plan: Plan, when: When, facts: Incoming) -> tuple[str, str] | None:
    """The first key of a condition that does not hold, and why."""
    for key, detail_of in _KEYS.items():
        detail = detail_of(plan, when, facts)
        if detail is not None:
            return key, detail
    return None


def _to(_plan: Plan, when: When, facts: Incoming) -> str | None:
    if not when.to or any(_is(pattern, facts.to) for pattern in when.to):
        return None
    return "another number was called"


def _from(_plan: Plan, when: When, facts: Incoming) -> str | None:
    if not when.from_ or any(_is_caller(pattern, facts.from_) for pattern in when.from_):
        return None
    return "the caller's number is withheld" if is_withheld(facts.from_) else "another number calls"


def _connection(_plan: Plan, when: When, facts: Incoming) -> str | None:
    if not when.connection or facts.connection in when.connection:
        return None
    return f"the call came over {facts.connection or 'no connection'}"


def _schedule(plan: Plan, when: When, facts: Incoming) -> str | None:
    if not when.schedule or any(is_open(plan, name, facts.at) for name in when.schedule):
        return None
    local = datetime.fromtimestamp(facts.at, ZoneInfo(plan.timezone))
    return f"{' and '.join(when.schedule)} closed on {local:%a %Y-%m-%d at %H:%M} ({plan.timezone})"


def _attestation(_plan: Plan, when: When, facts: Incoming) -> str | None:
    level = facts.attestation or "none"
    if not when.attestation or level in when.attestation:
        return None
    return f"the call has {level}, not {' or '.join(when.attestation)}"


def _tags(_plan: Plan, when: When, facts: Incoming) -> str | None:
    if not when.tags or not set(when.tags).isdisjoint(facts.tags):
        return None
    return f"the call is not tagged {' or '.join(when.tags)}"


def _header(_plan: Plan, when: When, facts: Incoming) -> str | None:
    for name, values in when.header.items():
        carried = [value for written, value in facts.headers if written.casefold() == name.casefold()]
        if set(values).isdisjoint(carried):
            return f"{name} has another value" if carried else f"the call has no {name}"
    return None


_KEYS: Final[dict[str, Callable[[Plan, When, Incoming], str | None]]] = {
    "to": _to,
    "from": _from,
    "connection": _connection,
    "schedule": _schedule,
    "attestation": _attestation,
    "tags": _tags,
    "header": _header,
}


def _is_caller(pattern: str, caller: str) -> bool:
    return is_withheld(caller) if pattern == "anonymous" else _is(pattern, caller)


def _is(pattern: str, number: str) -> bool:
    return matches(_host_folded(pattern), _host_folded(number))


def _host_folded(text: str) -> str:
    """RFC 3261 section 19.1.4: the host of a SIP URI is the same in any case, the user is not."""
    user, at, host = text.rpartition("@")
    return f"{user}{at}{host.lower()}" if at else text
