"""What this deployment may dial, and which connections it speaks for."""

from shared.dialplan.schema import Plan
from shared.dialplan.walk import destinations
from shared.numbers import is_emergency, is_number, matches


def may_dial(plan: Plan, number: str) -> bool:
    """Asked before each dial and transfer. Without `[limits] allow`: only what the dialplan itself names."""
    if not is_number(number) or is_emergency(number):
        return False
    if plan.limits.allow is None:
        return any(number == written for _, written in destinations(plan))
    return any(matches(pattern, number) for pattern in plan.limits.allow)


def may_place_call(plan: Plan, number: str) -> bool:
    """Asked for a number that comes from outside, by `POST /calls`: those need `[limits] allow`."""
    return plan.limits.allow is not None and may_dial(plan, number)


def connections(plan: Plan) -> frozenset[str]:
    """The connection ids that the dialplan names: their events are ours."""
    ruled = (connection for rule in plan.rules for connection in rule.when.connection)
    dialling = (outbound.connection for outbound in plan.outbound.values() if outbound.connection)
    return frozenset({*ruled, *dialling})
