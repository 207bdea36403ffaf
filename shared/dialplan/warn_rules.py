"""Rules that no call reaches, and calls that no rule takes."""

from collections.abc import Iterator

from shared.dialplan.faults import Fault, quoted
from shared.dialplan.schema import Plan, When
from shared.dialplan.walk import KeyPath, items
from shared.numbers import covers, is_number


def rule_warnings(plan: Plan) -> Iterator[Fault]:
    yield from _unreachable(plan)
    yield from _fall_to_default(plan)


def _unreachable(plan: Plan) -> Iterator[Fault]:
    for number, rule in enumerate(plan.rules):
        for earlier in plan.rules[:number]:
            if _always_first(earlier.when, rule.when):
                yield Fault(("rules", number), f"never reached: {quoted(earlier.name)} takes every call it could")
                break


def _always_first(earlier: When, later: When) -> bool:
    """Whether the earlier rule matches everything that the later one can match."""
    return (
        _contains(earlier.to, later.to)
        and _contains(earlier.from_, later.from_)
        and _has(earlier.connection, later.connection)
        and _has(earlier.schedule, later.schedule)
        and _has(earlier.attestation, later.attestation)
        and _has(earlier.tags, later.tags)
        and _headers_hold(earlier, later)
    )


def _contains(earlier: tuple[str, ...], later: tuple[str, ...]) -> bool:
    if not earlier:
        return True
    return bool(later) and all(any(covers(wider, narrower) for wider in earlier) for narrower in later)


def _has(earlier: tuple[str, ...], later: tuple[str, ...]) -> bool:
    return not earlier or (bool(later) and set(later) <= set(earlier))


def _headers_hold(earlier: When, later: When) -> bool:
    asked = {name.casefold(): values for name, values in later.header.items()}
    return all(_has(values, asked.get(name.casefold(), ())) for name, values in earlier.header.items())


def _fall_to_default(plan: Plan) -> Iterator[Fault]:
    """Numbers of ours that no rule takes at all times."""
    for number, path in _our_numbers(plan).items():
        conditions = [_more(rule.when) for rule in plan.rules if _contains(rule.when.to, (number,))]
        if not conditions:
            yield Fault(path, "no rule covers this number: whoever calls back gets [default]")
        elif all(conditions):
            asked = ", ".join(dict.fromkeys(key for keys in conditions for key in keys))
            yield Fault(
                path, f"every rule of this number asks for more ({asked}): other calls to it get [default]"
            )


def _our_numbers(plan: Plan) -> dict[str, KeyPath]:
    """The numbers that are called by name, each at the last rule that names it, and those that we call from."""
    called = {
        number: path
        for index, rule in enumerate(plan.rules)
        for path, number in items(("rules", index, "when", "to"), rule.when.to)
        if is_number(number)
    }
    calling: dict[str, KeyPath] = {
        outbound.from_: ("outbound", name, "from") for name, outbound in plan.outbound.items()
    }
    return {**called, **{number: path for number, path in calling.items() if number not in called}}


def _more(when: When) -> list[str]:
    """What a rule asks for besides the called number. All calls to a number come over one connection."""
    asked = {
        "from": when.from_,
        "schedule": when.schedule,
        "attestation": when.attestation,
        "tags": when.tags,
        "header": when.header,
    }
    return [key for key, values in asked.items() if values]
