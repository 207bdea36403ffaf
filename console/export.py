"""A call as a document that can be decided again: what happened, in the order it was applied, and what came of it.

Pure. Times are Unix seconds. `tests/replay.py` is its reader.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from shared import calls
from shared.calls import Call
from shared.errors import TrunklineError
from shared.ids import CallId, LegId, Row
from shared.timeline import AnswerEntry, CommandEntry, Entry, EventEntry

FORMAT: Final = 1


class NotWhole(TrunklineError):  # noqa: N818 - it says what is missing
    """The timeline does not hold all that was decided about."""


class Webhook(msgspec.Struct, frozen=True, tag_field="kind", tag="webhook", omit_defaults=True):
    """A webhook and its body; `occurred` is 0 where it does not tell."""

    received: float
    started: float
    body: dict[str, Any]
    occurred: float = 0.0


class Timer(msgspec.Struct, frozen=True, tag_field="kind", tag="timer"):
    """A timer that fired; `version` is the one that had set it."""

    name: str
    version: int
    at: float


class Request(msgspec.Struct, frozen=True, tag_field="kind", tag="request"):
    """What `POST /calls` accepted."""

    at: float
    request: calls.Request


class Cancel(msgspec.Struct, frozen=True, tag_field="kind", tag="cancel"):
    """That the call is wanted no more."""

    at: float


class Found(msgspec.Struct, frozen=True, tag_field="kind", tag="found"):
    """A leg that a reconciliation found to be over."""

    leg: LegId
    at: float


class Answer(msgspec.Struct, frozen=True, tag_field="kind", tag="answer", omit_defaults=True):
    """How a command ended. `data` is what Telnyx answered, an object or a list."""

    row: Row
    outcome: str  # succeeded, failed, unknown, voided
    at: float
    data: dict[str, Any] | list[dict[str, Any]] = {}
    code: str = ""
    ended: bool = False
    again: bool = False
    again_in_s: float = 0.0


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command; the body is without its command_id."""

    row: int
    verb: str
    path: str
    body: dict[str, Any] = {}


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One commit: `version` is the one that it made of the call, `state` what the call has reached."""

    version: int
    happened: Webhook | Timer | Request | Cancel | Found | Answer
    note: str
    state: str
    commands: tuple[Command, ...] = ()
    turn: tuple[str, int] | None = None  # of a round robin that was taken: its group and number


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The whole call. `plan` is the hash of the dialplan, `connection` the application of outbound calls."""

    format: int = FORMAT
    call: CallId
    connection: str
    plan: str
    anonymous: bool = False
    steps: tuple[Step, ...]
    dialplan: str


def document(call: Call, dialplan: str, entries: Sequence[Entry | None]) -> Document:
    """Raises NotWhole."""
    steps: list[Step] = []
    for entry in entries:
        match entry:
            case EventEntry() | AnswerEntry():
                steps.append(_step(entry))
            case CommandEntry() if steps:
                last = steps[-1]
                steps[-1] = msgspec.structs.replace(last, commands=(*last.commands, _command(entry)))
            case None:
                raise NotWhole("it has entries that only a newer version can read")
            case _:
                continue
    if [step.version for step in steps] != list(range(1, len(steps) + 1)) or not steps:
        raise NotWhole("its timeline does not begin with its first event, or was begun by an older version")
    return Document(
        call=call.id, connection=call.connection, plan=call.plan, steps=tuple(steps), dialplan=dialplan
    )


def encode(document: Document) -> bytes:
    """Indented, so that a difference is a line."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def decode(data: bytes) -> Document:
    """Raises msgspec.DecodeError."""
    return msgspec.json.decode(data, type=Document)


def _step(entry: EventEntry | AnswerEntry) -> Step:
    happened = _answer(entry) if isinstance(entry, AnswerEntry) else _event(entry)
    return Step(entry.version, happened, entry.note, entry.state, turn=entry.turn)


def _event(entry: EventEntry) -> Webhook | Timer | Request | Cancel | Found:
    if entry.raw:
        return Webhook(entry.received, entry.started, msgspec.json.decode(entry.raw), entry.occurred)
    if entry.request:
        return Request(entry.received, entry.request)
    if entry.cancels:
        return Cancel(entry.received)
    if entry.timer:
        return Timer(entry.timer, entry.set_by, entry.started)
    if entry.ended:
        return Found(LegId(entry.ended), entry.occurred)
    raise NotWhole(f"its {entry.type!r} was written by an older version")


def _answer(entry: AnswerEntry) -> Answer:
    return Answer(
        Row(entry.row),
        entry.outcome,
        entry.answered,
        msgspec.json.decode(entry.data) if entry.data else {},
        entry.code,
        entry.ended,
        entry.again,
        entry.again_in_s,
    )


def _command(entry: CommandEntry) -> Command:
    body = msgspec.json.decode(entry.body) if entry.body else {}
    body.pop("command_id", None)
    return Command(entry.row, entry.verb, entry.path, body)
