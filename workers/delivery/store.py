"""Calls in Valkey: one script to load, one to commit, and those that pass the right to send from hand to hand."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import msgspec
from redis.asyncio import Redis

from shared import calls, queues
from shared.calls import TOMBSTONE_S, Call
from shared.ids import CallId, LegId, Row, SessionId
from shared.queues import Kind
from shared.scripts import Script
from workers.delivery import outbox
from workers.delivery.outbox import Claim, Command, Token, Waiting
from workers.logic.draft import Decision, Timer

LEASE_S: Final = 3.0  # of a claim, as of a job
DAY_S: Final = 24 * 3600

_load = Script(__file__, "load")
_commit = Script(__file__, "commit")
_claim = Script(__file__, "claim")
_stamp = Script(__file__, "stamp")
_release = Script(__file__, "release")


class Loaded(NamedTuple):
    """A call as it is now; `call` is None for one that has no record yet."""

    id: CallId
    version: int
    call: Call | None
    applied: bool  # the event in hand was applied before


class Where(NamedTuple):
    """How an event finds its call, the surest way first; `new` is the id of a call that has no record yet."""

    tagged: CallId | None
    leg: LegId | None
    session: SessionId | None
    new: CallId


class Change(NamedTuple):
    """One commit: `before` as it was read, what was decided, and the account of what it was decided about."""

    before: Loaded
    decision: Decision
    commands: list[Command]  # as built from `decision.outgoing`, in its order
    timeline: list[bytes]
    event: str | None = None
    settle: Row | None = None
    token: Token | None = None


class Committed(NamedTuple):
    """What became of a commit; only `ok` changed anything. `claim` is set when this worker now sends."""

    verdict: Literal["ok", "stale", "fenced", "applied"]
    claim: Claim | None = None
    sending: frozenset[Row] = frozenset()  # commands whose first send is stamped by this very commit


class Store:
    """The calls of one deployment, as one worker sees them."""

    def __init__(self, client: Redis, kind: Kind, worker: str, history_days: int) -> None:
        self._client = client
        self._kind = kind
        self._worker = worker
        self._history_s = history_days * DAY_S
        self._nonces = itertools.count(1)

    async def load(self, where: Where, event: str | None) -> Loaded:
        """Find a call and read it, in one script. Raises redis.exceptions.RedisError."""
        args = [where.tagged or "", where.leg or "", where.session or "", where.new, event or ""]
        call_id, version, record, applied = await _load.run(self._client, [], args)
        call = calls.decode(record) if record else None
        return Loaded(CallId(call_id.decode()), version, call, bool(applied))

    async def load_call(self, call_id: CallId, event: str | None = None) -> Loaded:
        return await self.load(Where(None, None, None, call_id), event)

    async def commit(self, change: Change) -> Committed:
        """Store everything that was decided at once, or nothing. Raises redis.exceptions.RedisError."""
        call = change.decision.call
        token = change.token or Token(f"{self._worker}/{next(self._nonces)}")
        sending = outbox.sent_at_once(call, change.decision, change.settle)
        blobs = _Blobs()
        payload = msgspec.msgpack.encode(self._payload(change, token, sending, blobs))
        reply = await _commit.run(self._client, [], [payload, *blobs.held])
        verdict = reply[0].decode()
        if verdict != "ok" or not reply[1]:
            return Committed(verdict)
        claim = Claim(call.id, token, reply[3].decode(), float(reply[2]), outbox.read(reply[4:]), call)
        return Committed("ok", claim, frozenset(sending))

    def _payload(self, change: Change, token: Token, sending: set[Row], blobs: "_Blobs") -> dict[str, object]:
        decision, before = change.decision, change.before
        call = decision.call
        version = before.version + 1
        begun = bool(call.main or call.request)
        ttl = TOMBSTONE_S if call.over or not begun else 0
        return {
            "call": call.id,
            "version": before.version,
            "record": blobs.add(calls.encode(call)),
            "event": change.event,
            "kind": self._kind,
            "token": token,
            "settle": change.settle,
            "rows": [
                (cmd.row, blobs.add(outbox.encode(cmd)), out.delay_s, int(cmd.row in sending))
                for cmd, out in zip(change.commands, decision.outgoing, strict=True)
            ],
            "aliases": _aliases(before.call, call, ttl),
            "timers": [(*_timer(call.id, version, timer, blobs), timer.delay_s) for timer in decision.timers],
            "cancelled": [_timer_id(call.id, set_by, name) for name, set_by in decision.cancelled],
            "download": _download(decision, blobs),
            "timeline": [blobs.add(entry) for entry in change.timeline],
            "ttl": ttl,
            "history": self._history_s,
            "lease": LEASE_S,
            "iso": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "failure_ttl": queues.FAILED_TTL_S,
        }

    async def claim(self, count: int, call_id: CallId | None = None) -> list[Claim]:
        """Take calls of this kind whose commands are due: at most `count`, or only this one."""
        args = [self._worker, next(self._nonces), LEASE_S, count, call_id or ""]
        replies = await _claim.run(self._client, [queues.drain_key(self._kind)], args)
        return [
            Claim(
                CallId(call.decode()),
                Token(token.decode()),
                self._kind,
                float(now),
                outbox.read(fields),
                calls.decode(record),
            )
            for call, token, now, _version, record, *fields in replies
        ]

    async def stamp(self, claim: Claim, rows: Sequence[Row]) -> Claim | None:
        """Store the first send of these commands. None when the claim was lost."""
        keys = [queues.call_key(claim.call), queues.outbox_key(claim.call)]
        reply = await _stamp.run(self._client, keys, [claim.token, *rows])
        return claim._replace(now=float(reply[0]), waiting=outbox.read(reply[1:])) if reply else None

    async def release(self, claim: Claim, waiting: Sequence[Waiting], next_in_s: float) -> None:
        """Let go of a call whose commands wait; `not_before` of each is in the server's time."""
        kind: Kind = claim.kind  # type: ignore[assignment] # the drain's kind comes back from our own script
        keys = [queues.call_key(claim.call), queues.outbox_key(claim.call), queues.drain_key(kind)]
        states: list[object] = []
        for item in waiting:
            wait = max(0.0, item.not_before - claim.now)
            states += [item.command.row, item.tries, int(item.uncertain), wait]
        await _release.run(self._client, keys, [claim.token, claim.call, next_in_s, *states])


class _Blobs:
    """Binary arguments of a script, named by their place in ARGV (1 is the map)."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def add(self, blob: bytes) -> int:
        self.held.append(blob)
        return len(self.held) + 1


def _timer(call_id: CallId, version: int, timer: Timer, blobs: _Blobs) -> tuple[str, int]:
    body = msgspec.msgpack.encode((call_id, timer.name, version))
    data = queues.job_data(queues.FIRE_TIMER, datetime.now(UTC).timestamp(), body)
    return _timer_id(call_id, version, timer.name), blobs.add(data)


def _download(decision: Decision, blobs: _Blobs) -> tuple[str, int] | None:
    if decision.download is None:
        return None
    body = msgspec.json.encode(decision.download)
    data = queues.job_data(queues.ARCHIVE_RECORDING, datetime.now(UTC).timestamp(), body)
    return f"recording-{decision.download.recording_id}", blobs.add(data)


def _aliases(before: Call | None, after: Call, ttl: int) -> list[str]:
    """Keys that lead to the call: those that are new, or all of them when they now begin or cease to expire."""
    begun = before is not None and bool(before.main or before.request)
    known = set(before.legs) if before is not None and begun and not ttl else set()
    keys = [queues.leg_key(leg_id) for leg_id in after.legs if leg_id not in known]
    sessions = {after.legs[leg_id].session_id for leg_id in after.legs if leg_id not in known}
    return keys + [queues.session_key(session_id) for session_id in sessions if session_id]


def _timer_id(call_id: CallId, version: int, name: str) -> str:
    """Letters, digits, `_` and `-` only: RQ takes nothing else in a job id."""
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in name)
    return f"timer-{call_id}-{version}-{safe}"
