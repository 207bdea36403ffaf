"""Leaving a dialplan where every version of the fleet finds it."""

from redis.asyncio import Redis

from shared import queues
from shared.dialplan import Loaded


async def publish(client: Redis, plan: Loaded) -> None:
    """Keep its text, under its hash, for as long as a call may need it. Raises redis.exceptions.RedisError."""
    key = queues.plan_key(plan.hash)
    await client.set(key, plan.text, ex=queues.PLAN_KEPT_S, nx=True)
    await client.expire(key, queues.PLAN_KEPT_S, gt=True)  # a call that waits for days may have asked for more
