"""Adding what a process has counted to the numbers of the whole fleet in Valkey: once a second, one script."""

import asyncio
from typing import Final
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared import metrics, queues
from shared.log import log
from shared.scripts import Script
from shared.valkey import is_away

EVERY_S: Final = 1.0
LAST_WITHIN_S: Final = 1.0
BATCH_KEPT_S: Final = 3600  # how long a batch may be sent again without being added twice

_flush = Script(__file__, "flush")


class Flush:
    """The numbers of one process on their way. A batch that got no answer is sent again, and added once."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._batch_key = queues.metrics_batch_key(uuid4().hex)
        self._batch: dict[str, int] = {}
        self._number = 0

    async def run(self) -> None:
        """Once a second, for ever. Without a server the numbers wait in memory, where they add up."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.once()
            except (RedisError, OSError) as reason:
                if not is_away(reason):
                    log.error("metrics_refused", reason=str(reason)[:200])

    async def once(self) -> None:
        """Send one batch. Raises redis.exceptions.RedisError, OSError: then the next call sends it again."""
        if not self._batch:
            self._batch = metrics.take()
            self._number += 1
        if not self._batch:
            return
        args: list[str | int] = [self._number, queues.METRICS_MINUTE, queues.METRICS_MINUTE_S, BATCH_KEPT_S]
        for field, n in self._batch.items():
            args += (field, n)
        await _flush.run(self._client, [queues.METRICS, self._batch_key], args)
        self._batch = {}

    async def last(self) -> None:
        """What is left when the process ends, as far as that takes no time."""
        try:
            async with asyncio.timeout(LAST_WITHIN_S):
                await self.once()
                await self.once()  # what was counted while an older batch waited
        except (RedisError, OSError) as reason:
            log.debug("metrics_lost", reason=type(reason).__name__)
