"""What is written down of a call as it happens: each event, command and answer with its times.

One commit writes one event or answer, with all that `decide` was told, what hooks answered, then the commands that
came of it: so a call can be decided again from its timeline alone. Times are Unix seconds of the process that saw
them. Bodies hold callers' numbers: whoever shows them masks them. Fields with a default came later, or are often
empty.
"""

from typing import TypeAlias

import msgspec

from shared.calls import Call, Request
from shared.dialplan import Action


class EventEntry(msgspec.Struct, frozen=True, tag_field="t", tag="event", omit_defaults=True):
    """An event, from Telnyx or from within, and what was decided about it as `version` of the call.

    `raw` is a webhook as it came; `timer` is one that fired, which version `set_by` had set; `request` is one of
    `POST /calls`, and `cancels` says that it is wanted no more; `ended` is a leg that was found to be over, at
    `occurred`.
    """

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
    timer: str = ""
    set_by: int = 0
    request: Request | None = None
    state: str = ""  # that the call has reached
    waits: dict[str, float] = {}  # timers that were set: seconds by name
    turn: tuple[str, int] | None = None  # of a round robin that was taken: its group and number
    ended: str = ""
    cancels: bool = False


class CommandEntry(msgspec.Struct, frozen=True, tag_field="t", tag="command", omit_defaults=True):
    """A command, as it was committed."""

    row: int
    verb: str
    at: float
    path: str
    body: bytes = b""
    command_id: str = ""
    delay_s: float = 0.0  # it was not to be sent before


class AnswerEntry(msgspec.Struct, frozen=True, tag_field="t", tag="answer", omit_defaults=True):
    """How a command ended: `sent` is its first try (by the server's clock), `answered` what settled it.

    `data` is the JSON that Telnyx answered where it took the command; `ended`, `again` and `again_in_s` tell of a
    refusal.
    """

    row: int
    verb: str
    outcome: str
    sent: float
    answered: float
    tries: int
    status: int | None = None
    code: str = ""
    note: str = ""
    version: int = 0
    state: str = ""
    waits: dict[str, float] = {}
    turn: tuple[str, int] | None = None
    data: bytes = b""
    ended: bool = False
    again: bool = False
    again_in_s: float = 0.0


class HookEntry(msgspec.Struct, frozen=True, tag_field="t", tag="hook", omit_defaults=True):
    """What a hook answered when the event before asked it: an action, or why `[default]` had to do."""

    name: str
    action: Action | None = None
    trouble: str = ""


class OverEntry(msgspec.Struct, frozen=True, tag_field="t", tag="over"):
    """The last entry while nothing more is waited for: the call's record, which is itself forgotten sooner."""

    record: bytes  # as shared.calls encodes it


Entry: TypeAlias = EventEntry | HookEntry | CommandEntry | AnswerEntry | OverEntry
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def encode(entry: Entry) -> bytes:
    return _encode(entry)


def decode(data: bytes) -> Entry:
    """Raises msgspec.DecodeError."""
    entry: Entry = _decode(data)
    return entry


def state_of(call: Call) -> str:
    """Where a call stands: the action that it is at, by its name in the dialplan, or what no action is about."""
    action = call.step.action
    return str(action.__struct_config__.tag) if call.step.at == "do" and action else call.step.at
