"""Old timelines make room first: nothing that a live call needs may be refused for want of memory."""

from typing import Final

from redis.asyncio import Redis

from shared import queues
from shared.log import log

EVERY_S: Final = 10.0
FULL: Final = 0.7  # of maxmemory
BATCH: Final = 200  # calls, the oldest first: about 1 ms of the server


async def trim(client: Redis) -> int:
    """Forget the timelines of the oldest calls, as many as there are, while memory runs short. Returns how many.

    Raises redis.exceptions.RedisError. A server without a maximum, or that keeps INFO to itself, is left alone.
    """
    forgotten = 0
    while await _is_short(client) and (calls := await _oldest(client)):
        async with client.pipeline(transaction=False) as pipe:  # a full server queues nothing for a transaction
            pipe.unlink(*(queues.timeline_key(call.decode()) for call in calls))
            pipe.zrem(queues.CALLS, *calls)
            await pipe.execute()
        forgotten += len(calls)
    if forgotten:
        log.warning("history_trimmed", calls=forgotten, why=f"memory is above {FULL:.0%} of its maximum")
    return forgotten


async def _is_short(client: Redis) -> bool:
    memory = await client.info("memory")
    most = memory.get("maxmemory", 0)
    return bool(most and memory.get("used_memory", 0) > FULL * most)


async def _oldest(client: Redis) -> list[bytes]:
    return await client.zrange(queues.CALLS, 0, BATCH - 1)  # type: ignore[return-value] # no scores asked
