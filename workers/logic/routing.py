"""Which rule takes a call, and what each action of the dialplan does with it.

Every action looks at the facts, asks for the commands of its step (`Draft.want` sends each once) and returns
the next step, or None to wait. It may run at any time and any number of times.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from shared import commands, dialplan
from shared.calls import Step
from workers.logic.caller import answered, speak
from workers.logic.draft import Draft
from workers.logic.ring import ring
from workers.logic.routing_rules import Incoming, first_match
from workers.logic.steps import do, give_up, purpose
from workers.logic.transfer import transfer

_replace = msgspec.structs.replace


def start(draft: Draft) -> Step | None:
    """An incoming call gets its rule as soon as its call.initiated is known."""
    leg = draft.call.main_leg
    if leg is None:
        draft.note("nothing to route: no incoming leg of this call is known")
        return None
    match = first_match(
        draft.plan, Incoming(to=leg.to or "", from_=leg.from_ or "", connection=leg.connection_id or "")
    )
    draft.put(_replace(draft.call, rule=match.rule or "[default]"))
    draft.note(f"rule {draft.call.rule!r}")
    return do(draft, match.action)


def run(draft: Draft) -> Step | None:
    """One turn of the action that the call is at."""
    action = draft.step.action
    assert action is not None
    return _RUN[type(action)](draft, action)


def _reject(draft: Draft, action: dialplan.Reject) -> Step | None:
    if draft.main.answered_at is not None:  # only a call that was not answered can be rejected
        return do(draft, dialplan.Hangup())
    name = purpose(draft, "reject")
    _, sent = draft.want("reject", name, lambda _: commands.Reject(cause=action.cause), draft.call.main)
    return do(draft, dialplan.Hangup()) if sent.state == "failed" else None


def _hangup(draft: Draft, _action: dialplan.Hangup) -> Step | None:
    draft.want("hangup", purpose(draft, "hangup"), lambda _: commands.Hangup(), draft.call.main)
    return None


def _answer(draft: Draft, action: dialplan.Answer) -> Step | None:
    match answered(draft):
        case "yes":
            return do(draft, action.then)
        case "never":
            return give_up(draft, "the call could not be answered")
        case "not yet":
            return None


def _say(draft: Draft, action: dialplan.Say) -> Step | None:
    match answered(draft):
        case "never":
            return give_up(draft, "the call could not be answered")
        case "not yet":
            return None
    match speak(draft, "say", action.text):
        case "never":
            return give_up(draft, "the text could not be spoken")
        case "not yet":
            return None
        case "yes":
            return do(draft, action.then or dialplan.Hangup())


_RUN: Final[dict[type, Callable[[Draft, Any], Step | None]]] = {
    dialplan.Reject: _reject,
    dialplan.Hangup: _hangup,
    dialplan.Answer: _answer,
    dialplan.Transfer: transfer,
    dialplan.Ring: ring,
    dialplan.Say: _say,
}
