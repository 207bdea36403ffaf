"""A command on its way out: the exact bytes, and what is known of its tries.

Stored before the first send as fields of one hash per call: `<row>` the command, `<row>.first` when it was
first sent (server time), `<row>.uncertain` whether some try has no proven outcome, `<row>.tries`, `<row>.next`
not before (server time); of a dial also `<row>.slot`, its place in the pace (server time), and `<row>.refused`,
why it must not be sent.
"""

from typing import NamedTuple, NewType

import msgspec

from shared import commands, ids
from shared.calls import Call, Verb
from shared.commands import Request
from shared.ids import CallId, Row
from shared.queues import Kind
from workers.logic.decision import Decision, Dials, Outgoing

Token = NewType("Token", str)  # proof of a claim: `<worker>/<nonce>`


class Command(msgspec.Struct, frozen=True, array_like=True):
    """What is stored of one command; never recomputed when it is sent."""

    row: Row
    verb: Verb
    lane: str
    command_id: str  # empty for a look, which takes none
    request: Request
    dials: Dials | None = None
    received: float = 0.0  # when the webhook came that it answers at once, in Unix seconds; 0 for any other


class Waiting(NamedTuple):
    """A command in the outbox. Times are the server's, in Unix seconds."""

    command: Command
    first_at: float | None = None
    uncertain: bool = False
    tries: int = 0
    not_before: float = 0.0
    slot: float = 0.0
    refused: str = ""


class Claim(NamedTuple):
    """The right to send a call's commands, and what there is to send.

    `now` is the server's time at the claim, `asked` our monotonic time just before it was asked for: a process may
    be stopped between the two, and ages must never come out too small.
    """

    call: CallId
    token: Token
    kind: Kind  # of the drain that holds it
    now: float
    asked: float
    waiting: dict[Row, Waiting]
    version: int  # of `record`
    record: Call


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Command).decode


def build(call: CallId, version: int, ordinal: int, outgoing: Outgoing, received: float = 0.0) -> Command:
    """Fix the bytes and the id of a command, once, at its commit."""
    if isinstance(outgoing.command, Request):
        return Command(outgoing.row, outgoing.verb, outgoing.lane, "", outgoing.command)
    bare = commands.request(outgoing.command, outgoing.control_id, None)
    command_id = ids.command_id(call, version, ordinal, commands.digest(bare.method, bare.path, bare.body))
    request = commands.request(outgoing.command, outgoing.control_id, command_id)
    return Command(outgoing.row, outgoing.verb, outgoing.lane, command_id, request, outgoing.dials, received)


def encode(command: Command) -> bytes:
    return _encode(command)


def read(fields: list[bytes]) -> dict[Row, Waiting]:
    """The outbox hash of a call, as HGETALL lists it."""
    pairs = dict(zip(fields[::2], fields[1::2], strict=True))
    waiting = {}
    for field, value in pairs.items():
        if b"." in field:
            continue
        first = pairs.get(field + b".first")
        waiting[Row(int(field))] = Waiting(
            command=_decode(value),
            first_at=float(first) if first else None,
            uncertain=pairs.get(field + b".uncertain") == b"1",
            tries=int(pairs.get(field + b".tries", b"0")),
            not_before=float(pairs.get(field + b".next", b"0")),
            slot=float(pairs.get(field + b".slot", b"0")),
            refused=pairs.get(field + b".refused", b"").decode(),
        )
    return waiting


def heads(waiting: dict[Row, Waiting]) -> list[Waiting]:
    """The first command of each lane: what may be sent now, its wait aside."""
    first: dict[str, Waiting] = {}
    for row in sorted(waiting):
        first.setdefault(waiting[row].command.lane, waiting[row])
    return list(first.values())


def sent_at_once(call: Call, decision: Decision, settled: Row | None) -> set[Row]:
    """The new commands that head their lane: no older one of the call still has to go out before them.

    A dial is judged first, see stamp.lua.
    """
    new = {outgoing.row for outgoing in decision.outgoing}
    older = {row: sent for row, sent in call.sent.items() if row not in new and row != settled}
    busy = {sent.leg for sent in older.values() if sent.state == "open"}
    taken: set[str] = set()
    ready = set()
    for outgoing in decision.outgoing:
        is_free = outgoing.lane not in taken and outgoing.lane not in busy and outgoing.dials is None
        if is_free and outgoing.delay_s == 0:
            ready.add(outgoing.row)
        taken.add(outgoing.lane)
    return ready
