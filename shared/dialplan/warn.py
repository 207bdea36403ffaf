"""What is allowed but can hardly be meant."""

from collections.abc import Iterator

import msgspec

from shared.dialplan.faults import Fault, label
from shared.dialplan.schema import LeaveMessage, Outbound, Plan, Reject
from shared.dialplan.walk import KeyPath, actions, branches, roots, steps
from shared.dialplan.warn_rules import rule_warnings
from shared.dialplan.warn_unused import unused


def warnings(plan: Plan) -> list[str]:
    """One line each, with table and key."""
    document = msgspec.to_builtins(plan)
    hints = (*rule_warnings(plan), *_late_rejects(plan), *_outbound(plan), *unused(plan))
    return [f"{label(hint.path, document)}: {hint.reason}" for hint in hints]


def _late_rejects(plan: Plan) -> Iterator[Fault]:
    unanswered = {path for path, _ in roots(plan) if path[0] != "outbound"}
    for path, action in actions(plan):
        if isinstance(action, Reject) and path not in unanswered:
            yield Fault(path, "reject comes too late, the call is answered by then: it is hung up instead")


def _outbound(plan: Plan) -> Iterator[Fault]:
    if plan.outbound and not plan.limits.allow:
        yield Fault(("limits", "allow"), "missing or empty: POST /calls can dial no number")
    for name, outbound in plan.outbound.items():
        if outbound.retry_after and outbound.attempts == 1:
            yield Fault(("outbound", name, "retry_after"), "never used: attempts is 1")
        if outbound.attempts > 1 and not outbound.retry_after:
            yield Fault(("outbound", name, "attempts"), "never used: retry_after names no outcome")
        yield from _unheard_greetings(("outbound", name), outbound)


def _unheard_greetings(path: KeyPath, outbound: Outbound) -> Iterator[Fault]:
    if outbound.amd is None or outbound.amd.mode != "detect":
        return
    for branch, root in branches(outbound, path):
        for place, action in steps(root, branch):
            if isinstance(action, LeaveMessage):
                wait = f"{outbound.amd.greeting_within_secs} s (greeting_within_secs)"
                yield Fault(
                    place, f'amd mode "detect" reports no greeting\'s end: spoken {wait} after the verdict'
                )
