"""Calls as Valkey holds them: the newest first in pages, or one with its timeline. Every read is bounded."""

import math
import re
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

import msgspec
from redis.asyncio import Redis

from console.asking import NotThere
from console.paging import TOP, Position, pages
from console.summary import Kept
from shared import calls, ids, queues, timeline
from shared.calls import Call
from shared.errors import TooNew
from shared.ids import CallId, SessionId
from shared.scripts import Script
from shared.timeline import Entry, OverEntry

_CONTROL_ID: Final = re.compile(r"v[0-9]+:.+")

_call = Script(__file__, "call")
_control = Script(__file__, "control")


class Whole(NamedTuple):
    """A call with its timeline. Of either nothing may be left; None is an entry that this version can't read."""

    call: Kept
    entries: list[Entry | None]


async def newest(
    client: Redis, since: float = 0.0, after: Position = TOP, index: str = queues.CALLS
) -> AsyncIterator[Kept]:
    """Calls that began at or after `since`, the newest first. Raises redis.exceptions.RedisError."""
    async for page in pages(client, index, since, after):
        for kept in await _read(client, page):
            yield kept


async def find(client: Redis, name: str, most: float = math.inf) -> Whole | None:
    """A call by its own id, or by the id of a session or leg of it, or by the call control id of a leg.

    For the last of these `most` calls are searched, the newest first. Raises redis.exceptions.RedisError.
    """
    if not name.isprintable():
        return None
    if is_control_id(name):
        name = await _with_control_id(client, name, most)
    reply = await _call.run(client, [], [name, ids.inbound_call_id(SessionId(name))])
    if not reply:
        return None
    call, began, record, *entries = reply
    read = [entry_of(entry) for entry in entries]
    last = read[-1] if read else None
    kept = Kept(CallId(call.decode()), float(began or 0), _record(record) or _record_of(last))
    return Whole(kept, read)


async def get(client: Redis, name: str) -> Whole:
    """As `find`. Raises NotThere."""
    whole = await find(client, name)
    if whole is None:
        known = "its id, its call_session_id, or a call_leg_id or call_control_id of it"
        raise NotThere(f"no call {name!r} is kept: give {known}")
    return whole


def is_control_id(name: str) -> bool:
    return _CONTROL_ID.fullmatch(name) is not None


async def _with_control_id(client: Redis, name: str, most: float) -> str:
    """The call, or the name itself. A record holds an id with its length before it, so no part of one is found."""
    held = msgspec.msgpack.encode("control_id") + msgspec.msgpack.encode(name)
    searched = 0
    async for page in pages(client, queues.CALLS, 0.0):
        call: bytes = await _control.run(client, [], [held, *(call for call, _ in page)])
        if call:
            return call.decode()
        searched += len(page)
        if searched >= most:
            break
    return name


async def plan_text(client: Redis, plan: str) -> str | None:
    """A dialplan by its hash, while it is kept. Raises redis.exceptions.RedisError."""
    text = await client.get(queues.plan_key(plan))
    return text.decode() if isinstance(text, bytes) else None


async def _read(client: Redis, page: list[tuple[bytes, float]]) -> list[Kept]:
    pipe = client.pipeline(transaction=False)
    for call, _ in page:
        pipe.hget(queues.call_key(call.decode()), "record")
        pipe.lindex(queues.timeline_key(call.decode()), -1)
    replies = await pipe.execute()
    return [
        Kept(CallId(call.decode()), began, _record(record) or _record_of(last and entry_of(last)))
        for (call, began), record, last in zip(page, replies[::2], replies[1::2], strict=True)
    ]


def _record_of(last: Entry | None) -> Call | None:
    """The record that a timeline ends with once the call is over: the call's own is forgotten after a day."""
    return _record(last.record) if isinstance(last, OverEntry) else None


def _record(data: bytes | None) -> Call | None:
    try:
        return calls.decode(data) if data else None
    except (TooNew, msgspec.DecodeError):
        return None


def entry_of(data: bytes) -> Entry | None:
    """None for an entry that this version can't read."""
    try:
        return timeline.decode(data)
    except msgspec.DecodeError:
        return None
