"""What one run works with, and how much of it: lists are read page by page, and not without end."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Final, NamedTuple, TypeVar

from redis.asyncio import Redis

from shared.enqueue import enqueue
from shared.queues import Entry
from shared.reconcile.books import PAGE
from shared.telnyx import Api

AT_ONCE: Final = 64  # jobs that one script stores

T = TypeVar("T")


class Limits(NamedTuple):
    """What one run may take: rows of call events, listed legs of a connection, calls of ours, seconds."""

    events: int = 50_000
    legs: int = 100_000
    calls: int = 100_000
    within_s: float = 40.0


class Run(NamedTuple):
    """`now` is the server's time in Unix seconds, `end` a monotonic one; `connections` are ours by name."""

    client: Redis
    api: Api
    connections: frozenset[str]
    now: float
    end: float
    limits: Limits


class CutShort(Exception):  # noqa: N818 - it never leaves this package
    """A list is longer than what one run may take."""


async def pages(items: AsyncIterator[T], at_most: int, end: float) -> AsyncGenerator[list[T], None]:
    """Pages of a list until it ends. Raises CutShort past `at_most` items, or after `end` (monotonic)."""
    page: list[T] = []
    count = 0
    async for item in items:
        count += 1
        if count > at_most or time.monotonic() > end:
            yield page
            raise CutShort(f"too many for one run, {count - 1} of them were compared")
        page.append(item)
        if len(page) == PAGE:
            yield page
            page = []
    yield page


async def store(client: Redis, found: Sequence[tuple[T, Entry]]) -> list[T]:
    """Store jobs, and tell which of them are new. Raises redis.exceptions.RedisError, Unavailable."""
    new: list[T] = []
    for first in range(0, len(found), AT_ONCE):
        some = found[first : first + AT_ONCE]
        stored = await enqueue(client, [entry for _, entry in some])
        new += [one for (one, _), what in zip(some, stored, strict=True) if what.is_new]
    return new
