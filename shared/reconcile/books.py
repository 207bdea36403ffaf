"""Our side of a reconciliation, as Valkey holds it. Every command is bounded; all may raise RedisError."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Final, NamedTuple

import msgspec
from redis.asyncio import Redis

from shared import calls, queues
from shared.calls import Call
from shared.errors import TooNew
from shared.ids import CallId, LegId, SessionId
from shared.reconcile.compare import OpenLeg, open_legs

PAGE: Final = 250
KEPT_S: Final = 24 * 3600


class Names(NamedTuple):
    """What a leg of Telnyx may be known by here."""

    leg: LegId | None
    session: SessionId | None
    tagged: CallId | None


async def live_legs(client: Redis, until: float, at_most: int) -> AsyncIterator[OpenLeg]:
    """The legs that are up, of calls that had one by `until`; one that ends meanwhile may hide another."""
    for first in range(0, at_most, PAGE):
        page: list[tuple[bytes, float]] = await client.zrange(  # type: ignore[assignment] # scores are asked for
            queues.ALIVE, "-inf", until, byscore=True, offset=first, num=PAGE, withscores=True
        )
        records = await _records(client, [CallId(call.decode()) for call, _ in page])
        for record, (_, since) in zip(records, page, strict=True):
            for leg in open_legs(record, since) if record else ():
                yield leg
        if len(page) < PAGE:
            return


async def calls_of(client: Redis, names: Sequence[Names]) -> list[CallId | None]:
    """The call of ours that each belongs to, as the workers find it."""
    found: list[CallId | None] = []
    for first in range(0, len(names), PAGE):
        found += await _calls_of(client, names[first : first + PAGE])
    return found


async def record(client: Redis, call: CallId) -> Call | None:
    """None for one that is gone, or that a newer version wrote."""
    return (await _records(client, [call]))[0]


async def unseen(client: Redis, event_ids: Collection[str]) -> set[str]:
    """Those of these events that the web process has never accepted."""
    pipe = client.pipeline(transaction=False)
    for event_id in event_ids:
        pipe.exists(queues.seen_key(event_id))
    seen = await pipe.execute() if event_ids else []
    return {event_id for event_id, is_seen in zip(event_ids, seen, strict=True) if not is_seen}


async def first_noted(client: Redis, key: str, now: float, ids: Collection[str]) -> dict[str, float]:
    """When each of these was first noted under `key`: now, for the new ones. All others are forgotten."""
    noted: dict[bytes, bytes] = await client.hgetall(key)  # type: ignore[assignment] # undecoded
    known = {name.decode(): float(at) for name, at in noted.items()}
    fresh = [name for name in ids if name not in known]
    gone = known.keys() - set(ids)
    pipe = client.pipeline(transaction=True)
    if gone:
        pipe.hdel(key, *gone)
    if fresh:
        pipe.hset(key, mapping=dict.fromkeys(fresh, now))
    pipe.expire(key, KEPT_S)
    await pipe.execute()
    return {name: known.get(name, now) for name in ids}


async def note_missed(client: Redis, now: float, legs: Collection[LegId]) -> int:
    """How many of these calls were not noted yet: they are told of as long as Telnyx has them on record."""
    if not legs:
        return 0
    pipe = client.pipeline(transaction=True)
    pipe.zadd(queues.MISSED, dict.fromkeys(legs, now), nx=True)
    pipe.zremrangebyscore(queues.MISSED, "-inf", now - KEPT_S)
    added: int = (await pipe.execute())[0]
    return added


async def count(client: Redis, now: float, found: dict[str, int], unknown: int) -> None:
    """Add up what was found; of unknown legs, how many there are at this time."""
    pipe = client.pipeline(transaction=True)
    for name, number in {"runs": 1, **found}.items():
        pipe.hincrby(queues.RECONCILED, name, number)
    pipe.hset(queues.RECONCILED, mapping={"unknown": unknown, "at": now})
    await pipe.execute()


async def _calls_of(client: Redis, names: Sequence[Names]) -> list[CallId | None]:
    pipe = client.pipeline(transaction=False)
    for one in names:
        pipe.exists(queues.call_key(one.tagged or ""))
        pipe.get(queues.leg_key(one.leg or ""))
        pipe.get(queues.session_key(one.session or ""))
    replies = await pipe.execute() if names else []
    found: list[CallId | None] = []
    for one, is_tagged, by_leg, by_session in zip(names, replies[::3], replies[1::3], replies[2::3], strict=True):
        alias = by_leg or by_session
        found.append(one.tagged if is_tagged else CallId(alias.decode()) if alias else None)
    return found


async def _records(client: Redis, call_ids: Sequence[CallId]) -> list[Call | None]:
    pipe = client.pipeline(transaction=False)
    for call_id in call_ids:
        pipe.hget(queues.call_key(call_id), "record")
    return [_decode(data) for data in (await pipe.execute() if call_ids else [])]


def _decode(data: bytes | None) -> Call | None:
    try:
        return calls.decode(data) if data else None
    except (TooNew, msgspec.DecodeError):
        return None
