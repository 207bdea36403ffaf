"""Once a second: what dead workers have left goes back, what is due is pushed. Every worker does it."""

from datetime import UTC, datetime
from typing import Final

from redis.asyncio import Redis

from shared import faults, metrics, queues
from shared.log import log
from shared.queues import Kind
from shared.scripts import Script
from workers.engine.leases import outage_s

EVERY_S: Final = 1.0
PER_PART: Final = 128  # ids: about 1 ms of the server for each part

_NOTHING: Final = "trunkline:nothing"  # no id ever stands there: a test has switched the search for lost ones off

_sweep = Script(__file__, "parking", "sweep")


class Sweep:
    """Sweeps one kind. There is no leader: each part is atomic, so any number of workers may sweep at once."""

    def __init__(self, client: Redis, kind: Kind) -> None:
        self._client = client
        self._kind = kind
        self._keys = [
            queues.queue_key(kind),
            queues.lease_key(kind),
            queues.intermediate_key(kind),
            queues.schedule_key(kind),
            _NOTHING if faults.is_off("lost_push") else queues.pending_key(kind),
            queues.failed_key(kind),
            queues.stranded_key(kind),
            queues.beat_key(kind),
            queues.patience_key(kind),
            queues.searched_key(kind),
        ]

    async def once(self) -> None:
        """Sweep now, until nothing more is due. Raises redis.exceptions.RedisError."""
        more = not faults.is_off("sweep")
        while more:
            iso = queues.rq_time(datetime.now(UTC))
            args = [iso, queues.FAILED_TTL_S, PER_PART, queues.LEASE_S, outage_s()]
            back, stranded, due, lost, parked, more, errors = await _sweep.run(self._client, self._keys, args)
            for what, n in (("put_back", back), ("stranded", stranded), ("lost", lost), ("parked", parked)):
                if n:
                    metrics.SWEPT.add(self._kind, what, n=n)
            if back or stranded or lost or parked:
                faults.crash_point("after_sweep")
                log.warning("swept", put_back=back, stranded=stranded, due=due, lost=lost, parked=parked)
            for reason in errors:
                log.error("sweep_part_failed", reason=reason.decode(errors="replace")[:200])
