"""What was found out, in lines for a terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from console.whatif import clock
from console.whatif.follows import Command, Path, Turn
from console.whatif.outgoing import Explained
from workers.logic.routing_rules import Miss

_BEGINS: Final = {"answer": "the answer", "dial": "the answer", "record_start": "the beep"}  # else with the bridge
_FIRST: Final = ("to", "from", "payload", "audio_url", "cause")  # what a command is about, before how it does it


def rules(why: Sequence[Miss], rule: str | None) -> Iterator[str]:
    """A line for each rule down to the one that takes the call."""
    width = max((len(miss.rule) for miss in why), default=0)
    for miss in why:
        yield f"no   {miss.rule.ljust(width)}  {miss.key}: {miss.detail}"
    yield f"yes  {rule or '[default]'}"


def conditions(explained: Explained, zone: ZoneInfo) -> Iterator[str]:
    """When a profile may dial whom."""
    hours = explained.hours
    if hours.schedule is None:
        yield "hours     at any time"
    else:
        by = f"schedule {hours.schedule} by the clock of {' and '.join(hours.clocks)}"
        opens = f"opens {clock.told(hours.opens, zone)}" if hours.opens else "never opens"
        yield f"hours     {by}: {'open' if hours.is_open else f'closed, {opens}'}"
    if explained.to is None:
        yield "limits    not asked: give --to"
    else:
        yield f"limits    {explained.refused or 'may be dialled'}"
    if explained.dnc:
        yield "dnc       the do-not-call list is asked right before each dial"
    again = ", ".join(f"{outcome} {wait}" for outcome, wait in explained.retry_after.items())
    yield f"attempts  {explained.attempts}{f', again after {again}' if again else ''}"


def tree(path: Path) -> Iterator[str]:
    """The turns, and below them each way that it may go on then."""
    for turn in path.turns:
        yield from _turn(turn)
    for number, way in enumerate(path.ways, start=1):
        branch, below = ("└ ", "  ") if number == len(path.ways) else ("├ ", "│ ")
        yield branch + way.when
        yield from (below + line for line in tree(way))


def _turn(turn: Turn) -> Iterator[str]:
    """What happened and what was decided; a timer is told by its note."""
    what = () if turn.event.startswith("timer ") else (turn.event, turn.leg)
    note = "" if turn.note == "noted" else turn.note
    told = ": ".join(filter(None, (" ".join(filter(None, what)), note)))
    waits = "" if turn.commands else ", ".join(f"{seconds:g} s" for seconds in turn.waits.values())
    yield f"{told} (waits up to {waits})" if waits else told
    yield from (f"  → {line}" for line in command_lines(turn.commands))


def command_lines(commands: Iterable[Command], show: Callable[[str], str] = str) -> Iterator[str]:
    """`show` masks a number, or does not."""
    for command in commands:
        told = ", ".join(_fields(command, show))
        head = " ".join(filter(None, (command.verb, command.leg)))
        yield f"{head}{': ' if told else ''}{told}{_recording(command)}"


def _fields(command: Command, show: Callable[[str], str]) -> Iterator[str]:
    known = (name for name in _FIRST if name in command.fields)
    for name in dict.fromkeys((*known, *command.fields)):
        value = command.fields[name]
        if value != "":
            yield f"{name} {show(value) if name in {'to', 'from'} else _value(value)}"


def _value(value: Any) -> str:
    """In quotes where it could be taken for more than one."""
    if isinstance(value, str) and not any(c in value for c in ' ,"'):
        return value
    return msgspec.json.encode(value).decode()


def _recording(command: Command) -> str:
    if command.records is None:
        return ""
    policy = f" ({command.records})" if command.records else ""
    return f"; recording{policy} begins with {_BEGINS.get(command.verb, 'the bridge')}"
