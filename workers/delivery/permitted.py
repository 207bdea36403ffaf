"""What a stored command may ask of Telnyx, judged again right before it goes out; pure.

`decide` has held it against the dialplan before it was stored. But whoever can write to Valkey can store a command
too, and a dialplan for its call. So these two bounds lean on nothing that is stored: a command is a request of the
shape that its verb has, and it rings only what this process's own dialplan file allows.
"""

import re
from typing import Any, Final

import msgspec

from shared.calls import LOOKS, Verb
from shared.dialplan import Plan, may_dial
from shared.numbers import is_emergency, is_number
from workers.delivery.outbox import Command

_SEGMENT: Final = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9_.~!$&'()*+,;=:@%-]+"  # as shared.commands.segment makes them
_DIAL: Final = re.compile(r"POST /calls")
_LOOK: Final[dict[Verb, re.Pattern[str]]] = {
    "look_at_leg": re.compile(f"GET /calls/{_SEGMENT}"),
    "look_for_leg": re.compile(rf"GET /connections/{_SEGMENT}/active_calls\?[A-Za-z0-9_.=&%+-]+"),
}
_RINGS: Final[frozenset[Verb]] = frozenset({"dial", "transfer"})


def refusal(command: Command, own: Plan) -> str:
    """The name of the bound that forbids it, or nothing. `own` is the dialplan of this process's file.

    Without `[limits] allow` that file may name other destinations than the one that the call began under, so
    then only what is no number and emergency numbers are refused.
    """
    asked = command.request
    if not _shape(command.verb).fullmatch(f"{asked.method} {asked.path}") or (
        command.verb in LOOKS and asked.body
    ):
        return "not_ours"
    if command.verb not in _RINGS:
        return ""
    to = _destination(asked.body)
    if to is None:
        return "not_ours"
    allowed = may_dial(own, to) if own.limits.allow is not None else is_number(to) and not is_emergency(to)
    return "" if allowed else "limits.allow"


def _shape(verb: Verb) -> re.Pattern[str]:
    """Of `<method> <path>`; no verb of `calls.Verb` has another method or place (shared.commands.requests)."""
    if verb == "dial":
        return _DIAL
    return _LOOK.get(verb) or re.compile(f"POST /calls/{_SEGMENT}/actions/{verb}")


def _destination(body: bytes) -> str | None:
    """None unless the body is written as we write it: of two equal keys Telnyx might read the other one.

    The dialplan never rings several with one command.
    """
    try:
        fields = msgspec.json.decode(body, type=dict[str, Any])
        is_our_way = msgspec.json.encode(fields, order="deterministic") == body
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    to = fields.get("to")
    return to if is_our_way and isinstance(to, str) else None
