"""Where a recorded call went, where it would go under another dialplan, and the first thing that differs; pure."""

from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

import msgspec

from console.whatif.beginning import Began, profile_name
from console.whatif.data import data_of, outbound_data, summary
from console.whatif.follows import Command, command_of
from console.whatif.outgoing import refusal
from console.whatif.rehearsal import Rehearsal
from console.whatif.told import command_lines
from shared.calls import Call
from shared.dialplan import Plan
from workers.logic.decision import NOTHING_AROUND, Around
from workers.logic.happened import CallRequested, Happened
from workers.logic.routing_rules import first_match

Kind = Literal["rule", "action", "destination", "commands"]
_DESTINATIONS: Final = frozenset({"to", "members"})
_AT_ONCE_S: Final = 1.0  # the turn among the calls of a profile aside


class Went(NamedTuple):
    """The rule, everything that it asks for as data, and the first commands (None where they are not known)."""

    rule: str
    tree: dict[str, Any]
    commands: tuple[Command, ...] | None


class Difference(msgspec.Struct, frozen=True):
    """The first thing that differs, and `at` which key. Another rule may do the same: then there is no key."""

    kind: Kind
    at: str = ""
    old: str = ""
    new: str = ""


class _Unlike(NamedTuple):
    path: tuple[str, ...]
    old: Any
    new: Any


def really_went(plan: Plan, began: Began, commands: tuple[Command, ...] | None) -> Went:
    """What the call has got, under the plan that it began with. No hook is asked: `commands` tell what it said."""
    return went(plan, began)._replace(rule=began.rule, commands=commands)


def went(plan: Plan, began: Began, around: Around = NOTHING_AROUND) -> Went:
    """Where the call goes under a plan, whichever it really began under."""
    event = began.event
    refused = refusal(plan, event.request) if isinstance(event, CallRequested) else ""
    if refused:
        return Went(profile_name(event), {"do": "refused", "why": refused}, ())
    call = Call(began.record.id, plan=began.record.plan, connection=began.record.connection)
    after, commands = _first_commands(Rehearsal(plan, call, event.at, around), event)
    if isinstance(event, CallRequested):
        dialled = after.now if after.now > event.at + _AT_ONCE_S else None
        profile = plan.outbound[event.request.profile]
        return Went(profile_name(event), outbound_data(plan, profile, dialled), commands)
    match = first_match(plan, began.looked_at)
    return Went(match.rule or "[default]", {"then": data_of(plan, match.action)}, commands)


def difference(old: Went, new: Went, show: Callable[[str], str]) -> Difference | None:
    """`show` masks a number, or does not."""
    unlike = _first_unlike(old.tree, new.tree)
    if unlike is not None:
        kind: Kind = "destination" if unlike.path and unlike.path[-1] in _DESTINATIONS else "action"
        told = (".".join(unlike.path), summary(unlike.old, show), summary(unlike.new, show))
        return Difference(kind if old.rule == new.rule else "rule", *told)
    if old.rule != new.rule:
        return Difference("rule")
    if old.commands is None or new.commands is None or _sent(old.commands) == _sent(new.commands):
        return None
    sent = ("; ".join(command_lines(commands, show)) or "nothing" for commands in (old.commands, new.commands))
    return Difference("commands", "", *sent)


def _first_commands(at: Rehearsal, event: Happened) -> tuple[Rehearsal, tuple[Command, ...]]:
    """The call at its first commands; a call of ours may have to wait for its hours and its turn."""
    happened: Happened | None = event
    while happened is not None:
        at, decision = at.tell(happened)
        if decision.outgoing:
            return at, tuple(command_of(at.call, out) for out in decision.outgoing)
        happened = at.next_timer()
    return at, ()


def _first_unlike(old: Any, new: Any, path: tuple[str, ...] = ()) -> _Unlike | None:
    if isinstance(old, dict) and isinstance(new, dict) and old.get("do") == new.get("do"):
        each = (_first_unlike(old.get(key), new.get(key), (*path, key)) for key in {**old, **new})
        return next((unlike for unlike in each if unlike is not None), None)
    return None if old == new else _Unlike(path, old, new)


def _sent(commands: tuple[Command, ...]) -> bytes:
    """As it goes over the wire: a command that was read back has lists where ours has tuples."""
    return msgspec.json.encode([(command.verb, command.fields) for command in commands], order="deterministic")
