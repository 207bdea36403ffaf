"""What one commit writes on the timeline of its call: what happened, what was decided, and what goes out."""

import time
from typing import NamedTuple

import msgspec

from shared import calls, timeline
from shared.timeline import AnswerEntry, CommandEntry, EventEntry, OverEntry, state_of
from workers.delivery.outbox import Command
from workers.logic.decision import Decision
from workers.logic.happened import CallCancelled, CallRequested, FoundEnded, Happened, TimerFired


class Times(NamedTuple):
    """The way of an event so far, in Unix seconds; 0 where it is not known."""

    occurred: float = 0.0
    received: float = 0.0
    queued: float = 0.0
    started: float = 0.0


def of_event(
    happened: Happened, name: str, event: str | None, raw: bytes, times: Times, decision: Decision, version: int
) -> EventEntry:
    """Anything that has no command of its own, as it was decided about."""
    return EventEntry(
        type=name,
        decided=time.time(),
        note=decision.note,
        version=version,
        id=event or "",
        occurred=times.occurred,
        received=times.received,
        queued=times.queued,
        started=times.started,
        raw=raw,
        timer=happened.name if isinstance(happened, TimerFired) else "",
        set_by=happened.version if isinstance(happened, TimerFired) else 0,
        request=happened.request if isinstance(happened, CallRequested) else None,
        cancels=isinstance(happened, CallCancelled),
        ended=happened.leg if isinstance(happened, FoundEnded) else "",
        state=state_of(decision.call),
        waits=_waits(decision),
        turn=_turn(decision),
    )


def of_answer(answer: AnswerEntry, decision: Decision, version: int) -> AnswerEntry:
    """A command's end, as it was decided about."""
    return msgspec.structs.replace(
        answer,
        note=decision.note,
        version=version,
        state=state_of(decision.call),
        waits=_waits(decision),
        turn=_turn(decision),
    )


def written(first: EventEntry | AnswerEntry, commands: list[Command], decision: Decision) -> list[bytes]:
    """The entries of a commit. `commands` are built from what the decision sends, in its order."""
    now = time.time()
    entries: list[timeline.Entry] = [
        first,
        *decision.hooks,
        *(
            CommandEntry(
                row=command.row,
                verb=command.verb,
                at=now,
                path=command.request.path,
                body=command.request.body,
                command_id=command.command_id,
                delay_s=outgoing.delay_s,
            )
            for command, outgoing in zip(commands, decision.outgoing, strict=True)
        ),
    ]
    if decision.call.over:
        entries.append(OverEntry(calls.encode(decision.call)))
    return [timeline.encode(entry) for entry in entries]


def _waits(decision: Decision) -> dict[str, float]:
    return {timer.name: timer.delay_s for timer in decision.timers}


def _turn(decision: Decision) -> tuple[str, int] | None:
    return (decision.turn.group, decision.turn.number) if decision.turn else None
