"""From the entries of a timeline to the steps of its call, each with the time that its way took; pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote

import msgspec

from console.parties import replaced
from console.steps import Step
from shared import events
from shared.errors import BadInput
from shared.timeline import AnswerEntry, CommandEntry, Entry, EventEntry, HookEntry

_ABOUT: Final = ("to", "group", "box", "cause")  # of an action


class Timeline(NamedTuple):
    """`legs` are Telnyx's leg ids by their number, from 1."""

    steps: list[Step]
    legs: dict[str, int]


class _Target(msgspec.Struct):
    to: str | None = None
    call_control_id: str | None = None


def read(entries: Sequence[Entry | None], show: Callable[[str], str]) -> Timeline:
    """The steps of a timeline in the order of its commits; `show` masks a number, or does not."""
    reading = _Reading(show)
    return Timeline(list(reading.steps(entries)), reading.legs)


class _Reading:
    """What is known so far: an answer is told with its command, a timer with when it was set."""

    def __init__(self, show: Callable[[str], str]) -> None:
        self.legs: dict[str, int] = {}
        self._show = show
        self._leg_of_control: dict[str, int] = {}
        self._commands: dict[int, CommandEntry] = {}
        self._due: dict[tuple[str, int], float] = {}  # by timer and the version that set it

    def steps(self, entries: Sequence[Entry | None]) -> Iterator[Step]:
        at = 0.0
        for entry in entries:
            match entry:
                case EventEntry():
                    step = self._event(entry)
                case HookEntry():
                    step = self._hook(entry, at)
                case CommandEntry():
                    step = self._command(entry)
                case AnswerEntry():
                    step = self._answer(entry)
                case None:
                    step = Step(kind="unreadable", name="an entry that only a newer version can read", at=at)
                case _:
                    continue
            at = step.at
            yield step

    def _event(self, entry: EventEntry) -> Step:
        self._wait(entry.version, entry.decided, entry.waits)
        leg, detail = self._told(entry.raw) if entry.raw else (self.legs.get(entry.ended), "")
        if entry.request:
            detail = f"{entry.request.profile} to {self._show(entry.request.to)}"
        due = self._due.get((entry.timer, entry.set_by), 0.0)
        spans = _spans(
            received=(entry.occurred if entry.raw else 0.0, entry.received),
            queued=(due if entry.timer else entry.received, entry.started),
            decided=(entry.started, entry.decided),
        )
        return Step(
            kind="event",
            name=entry.type,
            at=(entry.started if entry.timer else entry.received) or entry.decided,
            detail=detail,
            leg=leg,
            spans=spans,
            state=entry.state,
            note=replaced(entry.note, self._show),
            waits=entry.waits,
        )

    def _hook(self, entry: HookEntry, at: float) -> Step:
        """Its action by name, with whom or what it is about; what follows upon it is seen as it comes."""
        if entry.action is None:
            return Step(kind="hook", name=entry.name, at=at, detail=replaced(entry.trouble, self._show))
        about = msgspec.to_builtins(entry.action)
        names = [
            f"{key} {self._show(about[key]) if key == 'to' else about[key]}" for key in _ABOUT if key in about
        ]
        return Step(kind="hook", name=entry.name, at=at, detail=" ".join((about["do"], *names)))

    def _command(self, entry: CommandEntry) -> Step:
        self._commands[entry.row] = entry
        leg, detail = self._addressed(entry)
        return Step(kind="command", name=entry.verb, at=entry.at, detail=detail, leg=leg, row=entry.row)

    def _answer(self, entry: AnswerEntry) -> Step:
        self._wait(entry.version, entry.answered, entry.waits)
        command = self._commands.get(entry.row)
        sent = entry.sent if entry.tries else 0.0
        return Step(
            kind="answer",
            name=entry.verb,
            at=entry.answered,
            leg=self._addressed(command)[0] if command else None,
            spans=_spans(
                sent=(command.at + command.delay_s if command else 0.0, sent),
                answered=(sent, entry.answered),
            ),
            state=entry.state,
            note=replaced(entry.note, self._show),
            waits=entry.waits,
            row=entry.row,
            outcome=entry.outcome,
            status=entry.status,
            code=entry.code,
            tries=entry.tries,
        )

    def _wait(self, version: int, at: float, waits: dict[str, float]) -> None:
        self._due |= {(name, version): at + seconds for name, seconds in waits.items()}

    def _told(self, raw: bytes) -> tuple[int | None, str]:
        """The leg of a webhook, and what it tells of it."""
        try:
            envelope = events.read_envelope(raw)
        except BadInput:
            return None, ""
        leg = None
        if envelope.ids.call_leg_id:
            leg = self.legs.setdefault(envelope.ids.call_leg_id, len(self.legs) + 1)
            if envelope.ids.call_control_id:
                self._leg_of_control[envelope.ids.call_control_id] = leg
        return leg, self._detail(events.read_payload(envelope))

    def _detail(self, payload: events.Payload) -> str:
        match payload:
            case events.CallInitiated(from_=caller, to=called):
                return f"{payload.direction}, {self._show(caller or '')} to {self._show(called or '')}"
            case events.CallHungUp(hangup_cause=cause):
                return cause or ""
            case events.MachineDetectionEnded(result=result) | events.MachineGreetingEnded(result=result):
                return result or ""
            case events.PremiumDetectionEnded(result=result) | events.PremiumGreetingEnded(result=result):
                return result or ""
            case _:
                return ""

    def _addressed(self, command: CommandEntry) -> tuple[int | None, str]:
        """The leg that a command goes to, by its path `/calls/{id}/…`, and whom it rings or joins."""
        parts = command.path.split("/")
        leg = self._leg_of_control.get(unquote(parts[2])) if len(parts) > 2 else None
        try:
            target = msgspec.json.decode(command.body, type=_Target) if command.body else _Target()
        except msgspec.DecodeError:
            target = _Target()
        other = self._leg_of_control.get(target.call_control_id or "")
        return leg, f"to {self._show(target.to)}" if target.to else f"with leg {other}" if other else ""


def _spans(**ends: tuple[float, float]) -> dict[str, float]:
    """Of those whose two ends are known."""
    return {name: max(0.0, round(end - start, 6)) for name, (start, end) in ends.items() if start and end}
