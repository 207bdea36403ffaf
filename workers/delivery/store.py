"""Calls in Valkey: a script to load, one to commit, three for the right to send, and the pace of all dials."""

import itertools
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import msgspec
from redis.asyncio import Redis

from shared import calls, faults, queues
from shared.calls import Call
from shared.errors import TooNew
from shared.ids import CallId, LegId, Row, SessionId
from shared.log import log
from shared.numbers import normal
from shared.queues import Kind
from shared.scripts import Script
from workers.delivery import outbox
from workers.delivery.change import DAY_S, Change, Loaded, arguments, lease_s
from workers.delivery.outbox import Claim, Command, Token, Waiting
from workers.logic.decision import Dials

_load = Script(__file__, "load")
_commit = Script(__file__, "commit")
_claim = Script(__file__, "claim")
_stamp = Script(__file__, "stamp")
_release = Script(__file__, "release")
_admit = Script(__file__, "admit")

# Telnyx takes 150 dials in any 5 s (Telnyx docs: dials-per-second-limit). What we send may reach it closer
# together than it left.
WINDOW_DIALS: Final = 140
WINDOW_S: Final = 5.2
CAMPAIGN_DIALS: Final = 110  # of these; the rest is for callers who wait for a ring group
DIAL_MAY_WAIT_S: Final = 5.0  # one of a ring group; then it is refused, as its caller would rather go on
HOLD_AT_MOST_S: Final = 60
ADMIT_AT_MOST: Final = 32  # in one script: about 1 ms of the server


class Where(NamedTuple):
    """How an event finds its call, the surest way first; `new` is the id of a call that has no record yet."""

    tagged: CallId | None
    leg: LegId | None
    session: SessionId | None
    new: CallId

    @classmethod
    def of_call(cls, call: CallId) -> "Where":
        """By our own id, where nothing else can be meant."""
        return cls(None, None, None, call)


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
        """Find a call and read it, in one script. Raises TooNew, redis.exceptions.RedisError."""
        args = [where.tagged or "", where.leg or "", where.session or "", where.new, event or ""]
        keys = [queues.pending_key(self._kind)]
        call_id, version, record, applied, *fields = await _load.run(self._client, keys, args)
        call = _decode(call_id, record) if record else None
        turns = {group.decode(): int(number) for group, number in zip(fields[::2], fields[1::2], strict=True)}
        was_applied = bool(applied) and not faults.is_off("applied_set")
        return Loaded(CallId(call_id.decode()), version, call, was_applied, turns)

    async def load_call(self, call_id: CallId) -> Loaded:
        return await self.load(Where.of_call(call_id), event=None)

    async def commit(self, change: Change) -> Committed:
        """Store everything that was decided at once, or nothing. Raises redis.exceptions.RedisError."""
        call = change.decision.call
        token = change.token or Token(f"{self._worker}/{next(self._nonces)}")
        if change.settle is not None:
            token = await self._proof(call.id, token)
        sending = outbox.sent_at_once(call, change.decision, change.settle)
        args = arguments(change, self._kind, token, sending, self._history_s)
        if change.event and faults.is_off("applied_set"):
            await self._client.srem(queues.applied_key(call.id), change.event)
        asked = time.monotonic()
        reply = await _commit.run(self._client, [], args)
        verdict = reply[0].decode()
        if verdict != "ok" or not reply[1]:
            return Committed(verdict)
        if sending and faults.is_off("outbox"):
            await self._client.hdel(queues.outbox_key(call.id), *map(str, sending))
        await self._unstamped(call.id, sending)
        claim = Claim(
            call=call.id,
            token=token,
            kind=reply[3].decode(),
            now=float(reply[2]),
            asked=asked,
            waiting=outbox.read(reply[4:]),
            version=change.before.version + 1,
            record=call,
        )
        return Committed("ok", claim, frozenset(sending))

    async def claim(self, count: int, call_id: CallId | None = None) -> list[Claim]:
        """Take calls of this kind whose commands are due: at most `count`, or only this one.

        One that this worker can't read is left out: its claim ends, and another worker may read it.
        """
        keys = [queues.drain_key(self._kind), queues.patience_key(self._kind)]
        args = [self._worker, next(self._nonces), lease_s(), count, call_id or ""]
        asked = time.monotonic()
        claims = []
        for call, token, now, version, record, *fields in await _claim.run(self._client, keys, args):
            try:
                claims.append(
                    Claim(
                        call=CallId(call.decode()),
                        token=Token(token.decode()),
                        kind=self._kind,
                        now=float(now),
                        asked=asked,
                        waiting=outbox.read(fields),
                        version=int(version),
                        record=_decode(call, record),
                    )
                )
            except (TooNew, msgspec.DecodeError, ValueError) as reason:
                log.error("commands_unreadable", call=call.decode(errors="replace"), reason=type(reason).__name__)
        return claims

    async def stamp(self, claim: Claim, commands: Sequence[Command]) -> Claim | None:
        """Store that these commands are about to be sent, and look again. None when the claim was lost.

        Also before another try of one that was stamped before: its number may be on the do-not-call list by now.

        A dial that has to wait for its slot, or that must not be made, comes back without `first_at`.
        """
        keys = [
            queues.call_key(claim.call),
            queues.outbox_key(claim.call),
            queues.DIALS,
            queues.DIALS_HOLD,
            queues.DNC,
        ]
        token = await self._proof(claim.call, claim.token)
        args: list[object] = [token, WINDOW_DIALS, WINDOW_S, DIAL_MAY_WAIT_S]
        for command in commands:
            args += (command.row, *_judged(command.dials))
        asked = time.monotonic()
        reply = await _stamp.run(self._client, keys, args)
        await self._unstamped(claim.call, {command.row for command in commands})
        return _again(claim, asked, reply)

    async def hold_dials(self, until: float) -> None:
        """Let the whole fleet dial nobody until then (server's time): Telnyx has said that it is too much."""
        await self._client.set(queues.DIALS_HOLD, until, ex=HOLD_AT_MOST_S)

    async def admit(self, profile: str) -> float | None:
        """Let those calls of a profile dial whose turn has come. Raises redis.exceptions.RedisError.

        Returns the seconds until the next one may; None when only the end of a call, or nothing, is waited for.
        """
        keys = [queues.waiting_key(profile), queues.live_key(profile), queues.outbound_key(profile)]
        keys += [queues.DIALS, queues.DIALS_HOLD, queues.queue_key("routing"), queues.RQ_QUEUES]
        args = [queues.rq_time(datetime.now(UTC)), ADMIT_AT_MOST, CAMPAIGN_DIALS, WINDOW_S]
        _, wait = await _admit.run(self._client, keys, args)
        return float(wait) if wait else None

    async def profiles(self) -> list[str]:
        """The profiles that ever asked to dial. Raises redis.exceptions.RedisError."""
        names: set[bytes] = await self._client.smembers(queues.OUTBOUND)  # type: ignore[assignment] # undecoded
        return sorted(name.decode() for name in names)

    async def release(
        self, claim: Claim, waiting: Sequence[Waiting], now: float, next_in_s: float
    ) -> Claim | None:
        """Let go of a call whose commands wait; `now` is the server's time, as is `not_before` of each.

        Returns the claim, still held, when another worker has added commands that are not among `waiting`.
        """
        keys = [queues.call_key(claim.call), queues.outbox_key(claim.call), queues.drain_key(claim.kind)]
        states: list[object] = []
        for item in waiting:
            wait = max(0.0, item.not_before - now)
            states += [item.command.row, item.tries, int(item.uncertain), wait]
        token = await self._proof(claim.call, claim.token)
        asked = time.monotonic()
        reply = await _release.run(self._client, keys, [token, claim.call, next_in_s, *states])
        return _again(claim, asked, reply)

    async def _unstamped(self, call: CallId, rows: Collection[Row]) -> None:
        """Forget again that these are about to be sent, where a test has switched that memory off."""
        if rows and faults.is_off("first_stamp"):
            fields = [f"{row}.{what}" for row in rows for what in ("first", "uncertain")]
            await self._client.hdel(queues.outbox_key(call), *fields)

    async def _proof(self, call: CallId, token: Token) -> Token:
        """What a script compares with the token that the call holds."""
        if not faults.is_off("drain_token"):
            return token
        held: bytes | None = await self._client.hget(queues.call_key(call), "token")  # type: ignore[assignment] # undecoded
        return Token(held.decode() if held else "")


def _judged(dials: Dials | None) -> tuple[str, str, object]:
    """What stamp.lua is told of a command: its kind, the number for the do-not-call list, dials per minute."""
    if dials is None:
        return "plain", "", ""
    kind = "admitted" if dials.admitted else "dial"
    minute = "" if dials.minute is None else dials.minute
    return kind, normal(dials.to) if dials.dnc else "", minute


def _again(claim: Claim, asked: float, reply: list[bytes]) -> Claim | None:
    """The claim as a script has just found it."""
    if not reply:
        return None
    now, version, record, *fields = reply
    return claim._replace(
        now=float(now),
        asked=asked,
        waiting=outbox.read(fields),
        version=int(version),
        record=_decode(claim.call.encode(), record),
    )


def _decode(call_id: bytes, record: bytes) -> Call:
    """Raises TooNew for a record that is whole but not of our shape."""
    try:
        return calls.decode(record)
    except msgspec.ValidationError:
        raise TooNew(f"the record of call {call_id.decode(errors='replace')} is of a newer version") from None
