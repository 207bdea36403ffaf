"""Which rule an incoming call falls under: the first whose every key holds, else the default; pure."""

import msgspec

from shared.dialplan import Action, Plan, When
from shared.numbers import is_withheld, matches


class Incoming(msgspec.Struct, frozen=True):
    """What the rules may look at."""

    to: str
    from_: str
    connection: str


class Match(msgspec.Struct, frozen=True):
    """`rule` is None for the default; `why` tells, rule by rule, what kept the earlier ones from matching."""

    rule: str | None
    action: Action
    why: tuple[str, ...] = ()


def first_match(plan: Plan, facts: Incoming) -> Match:
    why: tuple[str, ...] = ()
    for rule in plan.rules:
        key = _first_miss(rule.when, facts)
        if key is None:
            return Match(rule.name, rule.then, why)
        why = (*why, f"{rule.name}: {key} does not match")  # no numbers here: it is shown and logged
    return Match(None, plan.default.then, why)


def _first_miss(when: When, facts: Incoming) -> str | None:
    """The first key of a condition that does not hold."""
    if when.to and not any(matches(pattern, facts.to) for pattern in when.to):
        return "to"
    if when.from_ and not any(_is_caller(pattern, facts.from_) for pattern in when.from_):
        return "from"
    if when.connection and facts.connection not in when.connection:
        return "connection"
    return None


def _is_caller(pattern: str, caller: str) -> bool:
    return is_withheld(caller) if pattern == "anonymous" else matches(pattern, caller)
