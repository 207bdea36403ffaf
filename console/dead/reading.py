"""Dead letters as Valkey holds them, in batches: of a hundred thousand, none may hold up the server."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
from redis.asyncio import Redis

from console.dead import job
from console.dead.groups import has_reason
from console.dead.letter import Found, Letter, Place, found
from console.paging import pages
from shared import queues
from shared.queues import FAILED_TTL_S, KINDS, Kind
from shared.scripts import Script

BATCH: Final = 100  # each may carry 256 KiB

_FIELDS: Final = ("exc_info", "status", "parked_tries", "parked_lost", "data")
# As parking.lua writes it: id, time, reason. More digits are no time: an id may hold anything.
_LINE: Final = re.compile(rb"(.*?) ([0-9]{9,11}(?:\.[0-9]+)?) (.*)", re.DOTALL)

_calls = Script(__file__, "calls")
_hashes_of = Script(__file__, "hashes")


class _Kept(NamedTuple):
    """A job hash, as far as it can be read; no data: it cannot."""

    reason: str
    tries: int = 0
    lost_leases: int = 0
    data: bytes = b""


async def places(client: Redis, kind: Kind | None, now: float) -> AsyncIterator[list[Place]]:
    """Where the letters of one kind lie, or of all and those that were broken; the newest of each kind first.

    `now` is in Unix seconds. Raises redis.exceptions.RedisError.
    """
    for one in [kind] if kind else (*KINDS, None):
        async for page in of_kind(client, one, now):
            yield page


async def of_kind(client: Redis, kind: Kind | None, now: float) -> AsyncIterator[list[Place]]:
    """As `places`, of one kind only; None: those that were broken."""
    if kind is None:
        for lines in _batches(await _broken(client)):
            yield lines
        return
    async for page in pages(client, queues.failed_key(kind), now):
        yield [Place(name.decode(errors="replace"), kind, until - FAILED_TTL_S) for name, until in page]


async def find(client: Redis, job_id: str) -> Place | None:
    """Where the letter of a job lies, None for no letter. Raises redis.exceptions.RedisError."""
    for kind in KINDS:
        until = await client.zscore(queues.failed_key(kind), job_id)
        if until is not None:
            return Place(job_id, kind, until - FAILED_TTL_S)
    return next((place for place in await _broken(client) if place.id == job_id), None)


async def with_reason(client: Redis, wanted: str, now: float) -> list[Place]:
    """All whose reason holds this text, or all of them for an empty one; the oldest first."""
    chosen: list[Place] = []
    async for page in places(client, None, now):
        if not wanted:
            chosen += page
            continue
        reasons = await _reasons(client, page)
        chosen += [place for place, reason in zip(page, reasons, strict=True) if has_reason(reason, wanted)]
    return sorted(chosen, key=lambda place: place.parked_at)


async def read(client: Redis, page: Sequence[Place], now: float) -> list[Letter]:
    """The letters that lie there, with how their calls stand. Raises redis.exceptions.RedisError."""
    kept = await _hashes(client, page)
    works = [job.read(hash_.data) if hash_.data else None for hash_ in kept]
    found_calls = await _found(client, works, now)
    return [
        Letter(place, hash_.reason, work, call, hash_.tries, hash_.lost_leases, hash_.data)
        for place, hash_, work, call in zip(page, kept, works, found_calls, strict=True)
    ]


async def _broken(client: Redis) -> list[Place]:
    """The newest first; there are at most 10,000."""
    lines: list[bytes] = await client.lrange(queues.PARKED, 0, -1)  # type: ignore[assignment] # undecoded
    parts = ((line, _LINE.fullmatch(line)) for line in lines)
    return [
        Place(part[1].decode(errors="replace"), None, float(part[2]), line)
        if part
        else Place(line.decode(errors="replace"), None, 0.0, line)
        for line, part in parts
    ]


async def _reasons(client: Redis, page: Sequence[Place]) -> list[str]:
    return [kept.reason for kept in await _hashes(client, page, _FIELDS[:2])]


async def _hashes(client: Redis, page: Sequence[Place], fields: Sequence[str] = _FIELDS) -> list[_Kept]:
    ids = [place.id for place in page if place.kind]
    replies = iter(await _hashes_of.run(client, [], [len(fields), *fields, *ids]) if ids else ())
    return [_kept(next(replies)) if place.kind else _Kept(_reason_of(place.line)) for place in page]


def _kept(reply: list[bytes | None] | bytes) -> _Kept:
    if isinstance(reply, bytes):  # of a wrong type: that one letter's trouble
        return _Kept(f"its hash is broken: {reply.decode(errors='replace')}")
    reason, status, tries, lost, data = [*reply, None, None, None][: len(_FIELDS)]
    if status is None:
        return _Kept("its job is gone")
    told = reason.decode(errors="replace") if reason else "no reason is kept"
    return _Kept(told, _number(tries), _number(lost), data or b"")


def _number(text: bytes | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _reason_of(line: bytes) -> str:
    part = _LINE.fullmatch(line)
    return part[3].decode(errors="replace") if part else "its line is unreadable"


async def _found(client: Redis, works: Sequence[job.Work | None], now: float) -> list[Found | None]:
    trails = [work.trail for work in works if work and work.trail]
    replies = iter(await _calls.run(client, [], [msgspec.msgpack.encode(trails)]) if trails else ())
    calls: list[Found | None] = []
    for work in works:
        if work is None or work.trail is None:
            calls.append(None)
            continue
        call, record, has_timeline = next(replies)
        calls.append(found(work, work.trail, call.decode(), record, bool(has_timeline), now))
    return calls


def _batches(items: Sequence[Place]) -> Iterator[list[Place]]:
    for at in range(0, len(items), BATCH):
        yield list(items[at : at + BATCH])
