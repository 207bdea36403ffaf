"""An incoming call explained: the rule that takes it, why the earlier ones do not, and what follows; pure."""

import msgspec

from console.whatif.follows import Path, follow
from console.whatif.rehearsal import CALL, Rehearsal
from shared.calls import Call
from shared.dialplan import Action, Plan
from shared.events import CallIds, CallInitiated, Header
from workers.logic.decision import Around
from workers.logic.happened import Webhook
from workers.logic.routing_rules import Incoming, Miss, first_match


class Explained(msgspec.Struct, frozen=True):
    """`rule` is None for [default]; `why` has the first key that did not hold of each earlier rule."""

    rule: str | None
    why: tuple[Miss, ...]
    action: Action
    follows: Path


def explain(plan: Plan, asked: Incoming, around: Around) -> Explained:
    match = first_match(plan, asked)
    at = Rehearsal(plan, Call(CALL, connection=asked.connection), asked.at, around)
    return Explained(match.rule, match.why, match.action, follow(at, _initiated(asked)))


def _initiated(asked: Incoming) -> Webhook:
    """The webhook that such a call begins with."""
    payload = CallInitiated(
        direction="incoming",
        from_=asked.from_,
        to=asked.to,
        state="parked",
        shaken_stir_attestation=asked.attestation,
        tags=asked.tags,
        custom_headers=tuple(Header(name, value) for name, value in asked.headers),
    )
    ids = CallIds(
        call_control_id="caller", call_leg_id="caller", call_session_id=CALL, connection_id=asked.connection
    )
    return Webhook("the beginning", "call.initiated", asked.at, ids, payload)
