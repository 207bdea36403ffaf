"""What the operator asks of Valkey: a command connects, asks once and closes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from shared import valkey
from shared.errors import TrunklineError, Unavailable
from shared.settings import Settings

Answer = TypeVar("Answer")


class NotThere(TrunklineError):  # noqa: N818 - an answer, on one line: exit 1, or a page's 404
    """What was asked for is not kept, or no more; nothing was changed."""


def ask(settings: Settings, question: Callable[[Redis], Awaitable[Answer]]) -> Answer:
    """Raises Unavailable, on one line, when the server does not answer or refuses."""
    try:
        return asyncio.run(_ask(settings, question))
    except BrokenPipeError:
        raise  # of standard output: of a connection it is an error of redis-py's own
    except ResponseError as reason:
        raise Unavailable(f"Redis refused it: {reason}") from None
    except (RedisError, OSError) as reason:
        raise Unavailable(f"REDIS_URL does not answer: {reason}") from None


async def _ask(settings: Settings, question: Callable[[Redis], Awaitable[Answer]]) -> Answer:
    client = valkey.connect(settings)
    try:
        return await question(client)
    finally:
        await client.aclose()
