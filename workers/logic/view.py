"""A call as a hook sees it."""

from shared.calls import Call, Leg
from shared.dialplan.hooks import HookCall


def view(call: Call) -> HookCall:
    """What is known of it now; of an outbound call the numbers are those that were asked for."""
    leg, request = call.main_leg or Leg(), call.request
    return HookCall(
        call=call.id,
        direction="outgoing" if request else "incoming",
        from_=leg.from_ or "",
        to=request.to if request else leg.to or "",
        connection=leg.connection_id or "",
        attestation=leg.attestation,
        tags=leg.tags,
        headers={name.lower(): value for name, value in leg.headers},
        rule=call.rule or None,
        profile=request.profile if request else None,
        variables=request.variables if request else {},
        outcome=call.outcome or None,
        outcomes=call.outcomes,
        said=call.said,
    )
