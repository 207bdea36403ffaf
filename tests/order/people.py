"""What people and Telnyx do when a command reaches them, told as the events that follow."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tests.builders import (
    answered,
    bridged,
    hung_up,
    leg_initiated,
    played,
    pressed,
    recorded,
    spoken,
)
from tests.order.script import Asked, FarSide, Script
from workers.logic.happened import CommandFailed, CommandSucceeded, CommandUnknown, Happened, Outcome


def brought_about(script: Script, ask: Asked) -> list[Happened]:
    """Everything that a command brings about; the first thing is its outcome."""
    told = list(far_side_of(script, ask.label)(ask))
    return told if told and isinstance(told[0], Outcome) else [performed(ask), *told]


def far_side_of(script: Script, label: str) -> FarSide:
    verb = label.partition(" ")[0]
    return script.far_side.get(label) or script.far_side.get(verb) or USUALLY[verb]


def performed(ask: Asked) -> CommandSucceeded:
    """Telnyx took the command; of a dial it tells the leg."""
    leg = {"call_leg_id": ask.leg, "call_control_id": f"v3:{ask.leg}", "call_session_id": "session"}
    return CommandSucceeded(ask.row, 0.0, leg if ask.verb == "dial" else {"result": "ok"})


def rings(ask: Asked) -> list[Happened]:
    return [leg_initiated(ask.leg, ask.row, 2.0)]


def takes(ask: Asked) -> list[Happened]:
    """The call is answered. Where it was transferred, both talk; a leg that was dialled waits for us."""
    told = [*rings(ask), answered(ask.leg, 3.0, ask.row)]
    return [*told, *talk(ask)] if ask.verb == "transfer" else told


def leaves(ask: Asked) -> list[Happened]:
    """Somebody answers, and hangs up before anything comes of it."""
    return [*takes(ask), hung_up(ask.leg, at=3.5, row=ask.row)]


def talk(ask: Asked) -> list[Happened]:
    """Two legs are bridged; at last somebody hangs up, and Telnyx ends the other leg too."""
    both = (ask.leg, ask.lane)
    return [*(bridged(leg, 6.0) for leg in both), *(hung_up(leg, at=19.0) for leg in both)]


def ends(cause: str) -> FarSide:
    """The leg ends before anybody answered it."""
    return lambda ask: [*rings(ask), hung_up(ask.leg, cause, 3.5, ask.row)]


def refused(code: str = "10016", **how: bool) -> FarSide:
    return lambda ask: [CommandFailed(ask.row, 0.0, code, **how)]


def nothing(ask: Asked) -> list[Happened]:
    """Telnyx takes it, and nothing is told of it."""
    return [performed(ask)]


def in_turn(*sides: FarSide) -> FarSide:
    """What happens to the first of equal commands, to the second, and so on; the last one stands for the rest."""
    return lambda ask: sides[min(ask.nth, len(sides) - 1)](ask)


def unproven(*happened: FarSide) -> FarSide:
    """No try was answered; what happened all the same."""
    return lambda ask: [
        CommandUnknown(ask.row, 0.0),
        *(event for side in happened for event in side(ask) if not isinstance(event, Outcome)),
    ]


USUALLY: Final[Mapping[str, FarSide]] = {
    "answer": lambda ask: [answered(ask.lane, 1.0)],
    "bridge": talk,
    "dial": takes,
    "gather_using_speak": lambda ask: [pressed("1", ask.lane, 4.0)],
    "hangup": lambda ask: [hung_up(ask.lane, at=20.0)],
    "look_at_leg": lambda ask: [CommandSucceeded(ask.row, 0.0, {"is_alive": True})],
    "look_for_leg": lambda ask: [CommandSucceeded(ask.row, 0.0)],
    "playback_start": lambda ask: [played(ask.lane, 5.0)],
    "record_start": lambda ask: [recorded(ask.lane, 12.0, "message")],
    "record_stop": lambda ask: [recorded(ask.lane, 11.0, "first")],
    "reject": lambda ask: [hung_up(ask.lane, "call_rejected", 2.0)],
    "speak": lambda ask: [spoken(ask.lane, 5.0)],
    "transfer": takes,
}


def told_already(script: Script, events: Sequence[Happened]) -> Script:
    """The same, but all that is ever told of the call is on its way from the start, even before its cause."""
    return script._replace(first=events, far_side=dict.fromkeys(USUALLY, nothing))


def leaving(script: Script) -> Script:
    """The same, but whoever the call is about hangs up, which may be told at any stage."""
    if script.main == "caller":
        return script._replace(first=(*script.first, hung_up(cause="originator_cancel", at=0.5)))
    dial = f"dial {script.main}"
    usual = far_side_of(script, dial)
    return with_far_side(script, dial, lambda ask: [*usual(ask), hung_up(ask.leg, at=3.2, row=ask.row)])


def with_far_side(script: Script, label: str, side: FarSide) -> Script:
    return script._replace(far_side={**script.far_side, label: side})


FAULTS: Final[Mapping[str, Callable[[FarSide], FarSide]]] = {  # of any one command
    "refused": lambda _usual: refused(),
    "refused, the leg is over": lambda _usual: refused("90018", ended=True),
    "refused for now": lambda usual: in_turn(refused("90034", again=True), usual),
    "no answer, and not performed": lambda _usual: unproven(),
    "no answer, but performed": unproven,
}
