"""What is allowed but can hardly be meant."""

from collections.abc import Iterator

import msgspec

from shared.dialplan.faults import Fault, label, quoted
from shared.dialplan.schema import Plan, Reject, When
from shared.dialplan.walk import actions, roots
from shared.numbers import covers


def warnings(plan: Plan) -> list[str]:
    """One line each, with table and key."""
    document = msgspec.to_builtins(plan)
    return [f"{label(hint.path, document)}: {hint.reason}" for hint in (*_unreachable(plan), *_late_rejects(plan))]


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
        and _contains(earlier.connection, later.connection)
    )


def _contains(earlier: tuple[str, ...], later: tuple[str, ...]) -> bool:
    if not earlier:
        return True
    return bool(later) and all(any(covers(wider, narrower) for wider in earlier) for narrower in later)


def _late_rejects(plan: Plan) -> Iterator[Fault]:
    unanswered = {path for path, _ in roots(plan) if path[0] != "outbound"}
    for path, action in actions(plan):
        if isinstance(action, Reject) and path not in unanswered:
            yield Fault(path, "reject comes too late, the call is answered by then: it is hung up instead")
