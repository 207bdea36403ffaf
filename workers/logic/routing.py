"""Which rule takes a call, and what each action of the dialplan does with it.

Every action looks at the facts, asks for the commands of its step (`Draft.want` sends each once) and returns
the next step, or None to wait. It may run at any time and any number of times.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from shared import commands, dialplan
from shared.calls import Step
from workers.logic.caller import Ready, answered, play, speak
from workers.logic.draft import Draft
from workers.logic.hook import hook
from workers.logic.message import leave_message
from workers.logic.ring import ring
from workers.logic.routing_rules import first_match, incoming_of
from workers.logic.steps import do, give_up, purpose
from workers.logic.transfer import transfer
from workers.logic.voicemail import voicemail

_replace = msgspec.structs.replace

# Telnyx hangs up on a caller to whom no command came for so long: its first_command_timeout_secs, by default
# (Telnyx docs: create-call-control-application).
OLD_S: Final = 30.0


def start(draft: Draft) -> Step | None:
    """An incoming call gets its rule as soon as its call.initiated is known; an old one is looked at first."""
    if draft.call.main_leg is None:
        draft.note("nothing to route: no incoming leg of this call is known")
        return None
    if draft.age_s > OLD_S:
        draft.note(f"it began {draft.age_s:.0f} s ago: looking at it first")
        return Step(draft.step.n + 1, "look")
    return _route(draft)


def look(draft: Draft) -> Step | None:
    """Only a call that Telnyx says is over is left alone: one that it does not find, or cannot look at, is routed.

    A command to a call that is gone is refused and harms nobody; without one a caller that is there would wait.
    """
    control_id = draft.main.control_id
    if control_id is not None:
        _, sent = draft.want(
            "look_at_leg", "look first", lambda _: commands.look_at_call(control_id), draft.call.main
        )
        if sent.state in {"open", "again"}:
            return None
    return _route(draft)


def _route(draft: Draft) -> Step:
    match = first_match(draft.plan, incoming_of(draft.main, draft.now))
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
    return _after(draft, action, lambda: speak(draft, "say", action.text))


def _play(draft: Draft, action: dialplan.Play) -> Step | None:
    return _after(draft, action, lambda: play(draft, "play", action.url))


def _after(draft: Draft, action: dialplan.Say | dialplan.Play, heard: Callable[[], Ready]) -> Step | None:
    ready = answered(draft)
    if ready == "never":
        return give_up(draft, "the call could not be answered")
    if ready == "yes":
        ready = heard()
    match ready:
        case "never":
            return give_up(draft, "it could not be heard")
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
    dialplan.Play: _play,
    dialplan.Voicemail: voicemail,
    dialplan.LeaveMessage: leave_message,
    dialplan.Hook: hook,
}
