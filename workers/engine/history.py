"""Old timelines make room first: nothing that a live call needs may be refused for want of memory."""

from typing import Final

from redis.asyncio import Redis

from shared import queues
from shared.log import log

EVERY_S: Final = 10.0
FULL: Final = 0.7  # of maxmemory
BATCH: Final = 200  # calls, the oldest first


async def trim(client: Redis) -> int:
    """Forget the timelines of the oldest calls while memory runs short. Returns how many.

    Raises redis.exceptions.RedisError. A server without a maximum, or that keeps INFO to itself, is left alone.
    """
    memory = await client.info("memory")
    most = memory.get("maxmemory", 0)
    if not most or memory.get("used_memory", 0) <= FULL * most:
        return 0
    calls: list[bytes] = await client.zrange(queues.CALLS, 0, BATCH - 1)  # type: ignore[assignment] # no scores asked
    if not calls:
        return 0
    async with client.pipeline(transaction=True) as pipe:
        pipe.unlink(*(queues.timeline_key(call.decode()) for call in calls))
        pipe.zrem(queues.CALLS, *calls)
        await pipe.execute()
    log.warning("history_trimmed", calls=len(calls), why=f"memory is above {FULL:.0%} of its maximum")
    return len(calls)
