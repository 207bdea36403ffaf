"""What follows the beginning of a call, as a tree: each turn of `decide`, and where it depends on people; pure."""

from typing import Any, Final

import msgspec

from console.whatif.far_side import People, next_of
from console.whatif.rehearsal import Rehearsal
from shared.calls import Call
from workers.logic.decision import Decision, Outgoing
from workers.logic.happened import CallCancelled, CallRequested, FoundEnded, Happened, TimerFired, Webhook

_OURS: Final = frozenset({"client_state", "command_id", "target_leg_client_state"})  # bookkeeping of every command


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command with the fields that Telnyx gets. `leg` is whose it is, empty for the leg that the plan is about.

    `records` is the policy of a recording that it begins, empty where no policy is named.
    """

    verb: str
    leg: str = ""
    fields: dict[str, Any] = {}
    records: str | None = None


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happens, and what was decided: in words, and as commands. `waits` are timers, in seconds."""

    event: str
    note: str
    leg: str = ""
    commands: tuple[Command, ...] = ()
    waits: dict[str, float] = {}


class Path(msgspec.Struct, frozen=True, omit_defaults=True):
    """Turns in their order, and the ways that it may go on then. `when` is what makes it this way."""

    when: str = ""
    turns: tuple[Turn, ...] = ()
    ways: tuple["Path", ...] = ()


def follow(at: Rehearsal, first: Happened) -> Path:
    """Everything from a first event on. Telnyx does what it is told; a fork has a way for each choice."""
    return _from(at, first, People(), "")


def _from(at: Rehearsal, first: Happened | None, people: People, when: str) -> Path:
    """Turns in which nothing is sent or said are left out."""
    turns: list[Turn] = []
    happened: tuple[Happened, ...] = (first,) if first else ()
    while True:
        for event in happened:
            at, decision = at.tell(event)
            turn = _turn(at.call, event, decision)
            if turn.commands or turn.note != "noted" or event is first:
                turns.append(turn)
        happened, forks = next_of(at, people)
        if not happened:
            break
    ways = (_from(at, None, fork.people, fork.when) for fork in forks)
    return Path(when, tuple(turns), tuple(ways))


def _turn(call: Call, event: Happened, decision: Decision) -> Turn:
    name, leg = "", ""
    match event:
        case Webhook(event_type=name, ids=ids):
            is_other = call.main is not None and ids.call_leg_id != call.main
            leg = ids.call_control_id or "" if is_other else ""
        case TimerFired(name=name):
            name = f"timer {name}"
        case CallRequested():
            name = "call.requested"
        case CallCancelled():
            name = "call.cancelled"
        case FoundEnded():
            name = "leg found ended"
        case _:
            name = f"{call.sent[event.row].verb} answered"
    commands = tuple(command_of(call, out) for out in decision.outgoing)
    return Turn(name, decision.note, leg, commands, {timer.name: timer.delay_s for timer in decision.timers})


def command_of(call: Call, out: Outgoing) -> Command:
    sent = call.sent[out.row]
    leg = call.legs[sent.leg].control_id or "" if sent.leg and sent.leg != call.main else ""
    return Command(out.verb, leg, told_fields(msgspec.to_builtins(out.command)), sent.records)


def told_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a command without those that only we care about."""
    return {name: value for name, value in fields.items() if name not in _OURS}
