"""How the whole fleet stands now: what the line on top of the page and /metrics both tell."""

from typing import NamedTuple

from redis.asyncio import Redis

from console import audit, queues
from console.audit import Account
from console.queues import Standing
from shared import queues as names
from shared.queues import Kind


class Overview(NamedTuple):
    """`now` is the server's time (Unix seconds); `broken` counts ids that were given up and have no job."""

    now: float
    account: Account
    standings: dict[Kind, Standing]
    live_calls: int
    broken: int


async def read(client: Redis) -> Overview:
    """Raises redis.exceptions.RedisError."""
    now, standings = await queues.stand(client)
    account = await audit.take(client)
    pipe = client.pipeline(transaction=False)
    pipe.zcard(names.ALIVE)
    pipe.llen(names.PARKED)
    live_calls, broken = await pipe.execute()
    return Overview(now, account, standings, live_calls, broken)
