"""What is written down of a call as it happens: each event, command and answer with its times.

Times are Unix seconds of the process that saw them. Raw bodies are kept for replay; they hold callers' numbers, so
whoever shows them masks them.
"""

from typing import TypeAlias

import msgspec


class EventEntry(msgspec.Struct, frozen=True, tag_field="t", tag="event", omit_defaults=True):
    """An event, from Telnyx or from within, and what was decided about it."""

    type: str
    decided: float
    note: str
    version: int
    id: str = ""
    occurred: float = 0.0
    received: float = 0.0
    queued: float = 0.0
    started: float = 0.0
    raw: bytes = b""


class CommandEntry(msgspec.Struct, frozen=True, tag_field="t", tag="command", omit_defaults=True):
    """A command, as it was committed."""

    row: int
    verb: str
    at: float
    path: str
    body: bytes = b""
    command_id: str = ""


class AnswerEntry(msgspec.Struct, frozen=True, tag_field="t", tag="answer", omit_defaults=True):
    """How a command ended: `sent` is its first try (by the server's clock), `answered` what settled it."""

    row: int
    verb: str
    outcome: str
    sent: float
    answered: float
    tries: int
    status: int | None = None
    code: str = ""
    note: str = ""


Entry: TypeAlias = EventEntry | CommandEntry | AnswerEntry
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def encode(entry: Entry) -> bytes:
    return _encode(entry)


def decode(data: bytes) -> Entry:
    """Raises msgspec.DecodeError."""
    entry: Entry = _decode(data)
    return entry
