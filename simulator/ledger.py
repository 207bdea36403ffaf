"""Every command request that came in, and the memory of command ids that makes a repeat harmless."""

import hashlib
from typing import Any

import msgspec


class Request(msgspec.Struct, frozen=True):
    """A command as it came over the wire; `connection` is the client's port, one for each TCP connection."""

    method: str
    path: str
    verb: str
    call_control_id: str | None
    raw: bytes
    connection: int | None


class Entry(msgspec.Struct, kw_only=True):
    """One line of the ledger. `status` is null when no answer was sent."""

    seq: int
    at: float
    method: str
    path: str
    verb: str
    call_control_id: str | None
    leg_id: str | None = None
    session_id: str | None = None
    command_id: str | None
    body: Any
    """The decoded body, or null when it was not JSON."""
    body_sha256: str
    effective: bool = False
    duplicate_of: int | None = None
    """The seq of the performed request that this one repeats."""
    same_bytes_as_first: bool | None = None
    """Compared with the first request of this command_id, performed or not; null for that first one."""
    status: int | None = None
    error_code: str | None = None
    fault: str | None = None
    connection: int | None


class Performed(msgspec.Struct, frozen=True):
    seq: int
    at: float
    call_control_id: str | None
    reply: dict[str, object]


MemoryKey = tuple[str, str]


class Ledger:
    """Append-only. Command ids count per call, for dial per account (Telnyx docs: call-commands/dial)."""

    def __init__(self, dedupe_s: float) -> None:
        self.dedupe_s = dedupe_s
        self.entries: list[Entry] = []
        self._first: dict[MemoryKey, Entry] = {}
        self._performed: dict[MemoryKey, Performed] = {}

    def open(self, request: Request, now: float, fault: str | None) -> Entry:
        """A new line for a request, its outcome still to come."""
        body = _decoded(request.raw)
        command_id = body.get("command_id") if isinstance(body, dict) else None
        entry = Entry(
            seq=len(self.entries) + 1,
            at=now,
            method=request.method,
            path=request.path,
            verb=request.verb,
            call_control_id=request.call_control_id,
            command_id=command_id if isinstance(command_id, str) else None,
            body=body,
            body_sha256=hashlib.sha256(request.raw).hexdigest(),
            fault=fault,
            connection=request.connection,
        )
        key = _memory_key(entry)
        if key is not None:
            first = self._first.setdefault(key, entry)
            entry.same_bytes_as_first = None if first is entry else first.body_sha256 == entry.body_sha256
        self.entries.append(entry)
        return entry

    def performed_before(self, entry: Entry) -> Performed | None:
        """What this request repeats, if that was performed within the memory's time.

        Only performed commands are remembered: whether Telnyx remembers a refused one too is not published.
        """
        key = _memory_key(entry)
        performed = None if key is None else self._performed.get(key)
        return performed if performed and entry.at - performed.at < self.dedupe_s else None

    def remember(self, entry: Entry, reply: dict[str, object]) -> None:
        entry.effective = True
        key = _memory_key(entry)
        if key is not None:
            self._performed[key] = Performed(entry.seq, entry.at, entry.call_control_id, reply)


def _memory_key(entry: Entry) -> MemoryKey | None:
    if entry.command_id is None:
        return None
    return ("" if entry.verb == "dial" else entry.call_control_id or "", entry.command_id)


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
