"""Once a second: what dead workers have left goes back, what is due is pushed. Every worker does it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared import queues
from shared.log import log
from shared.queues import Kind
from shared.scripts import Script
from workers.engine.leases import LEASE_S

EVERY_S: Final = 1.0
AWAY_S: Final = 1.0 + EVERY_S  # no answer for over a second between two sweeps: Valkey was away
PER_PART: Final = 64

_sweep = Script(__file__, "sweep")


class Sweep:
    """Sweeps one kind. After Valkey was away it waits a full lease: nobody could renew meanwhile."""

    def __init__(self, client: Redis, kind: Kind, claim_due: Callable[[], Awaitable[None]]) -> None:
        self._client = client
        self._kind = kind
        self._claim_due = claim_due
        self._keys = [
            queues.queue_key(kind),
            queues.lease_key(kind),
            queues.intermediate_key(kind),
            queues.schedule_key(kind),
            queues.pending_key(kind),
            queues.failed_key(kind),
            f"trunkline:intermediate:{kind}",
        ]
        self._answered = 0.0
        self._patient_until = time.monotonic() + LEASE_S

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
            except (RedisError, OSError) as reason:
                log.warning("sweep_failed", reason=type(reason).__name__)
            await asyncio.sleep(EVERY_S)

    async def once(self) -> None:
        """Sweep now. Raises redis.exceptions.RedisError."""
        now = time.monotonic()
        if now - self._answered > AWAY_S:
            self._patient_until = now + LEASE_S
        iso = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        take_leases = int(now >= self._patient_until)
        args = [take_leases, iso, queues.FAILED_TTL_S, PER_PART]
        back, stranded, due, lost, parked = await _sweep.run(self._client, self._keys, args)
        self._answered = time.monotonic()
        if back or stranded or lost or parked:
            log.warning("swept", put_back=back, stranded=stranded, due=due, lost=lost, parked=parked)
        await self._claim_due()
