"""A sorted set from its highest score down, in pages. A list of calls or of dead letters may be of any length."""

import math
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from redis.asyncio import Redis

PAGE: Final = 100


class Position(NamedTuple):
    """Where a list goes on: after the first `done` of those that have the score `upto`."""

    upto: float = math.inf
    done: int = 0


TOP: Final = Position()


async def pages(
    client: Redis, key: str, least: float, after: Position = TOP
) -> AsyncIterator[list[tuple[bytes, float]]]:
    """Members and their scores down to `least`; the last page may be empty. Raises redis.exceptions.RedisError.

    A page begins where the last one ended, by score: members that come or go meanwhile move nothing else.
    """
    upto, done = after
    while True:
        page: list[tuple[bytes, float]] = await client.zrange(  # type: ignore[assignment] # scores are asked for
            key, upto, least, desc=True, byscore=True, offset=done, num=PAGE, withscores=True
        )
        yield page
        if len(page) < PAGE:
            return
        last = page[-1][1]
        done = sum(score == last for _, score in page) + (done if last == upto else 0)
        upto = last
