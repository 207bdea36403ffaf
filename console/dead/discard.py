"""Throwing dead letters away, counted."""

from collections.abc import Sequence

from redis.asyncio import Redis

from console.dead.letter import Place
from console.dead.reading import BATCH
from shared import queues
from shared.scripts import Script

_discard = Script(__file__, "discard")
_forget = Script(__file__, "forget")


async def discard(client: Redis, chosen: Sequence[Place]) -> int:
    """How many of them were still there. Raises redis.exceptions.RedisError."""
    gone = 0
    for kind in (*queues.KINDS, None):
        of_kind = [place for place in chosen if place.kind == kind]
        for at in range(0, len(of_kind), BATCH):
            batch = of_kind[at : at + BATCH]
            if kind:
                keys = [queues.failed_key(kind), queues.STATS]
                gone += await _discard.run(client, keys, [place.id for place in batch])
            else:
                lines = [part for place in batch for part in (place.line, place.id)]
                gone += await _forget.run(client, [queues.PARKED, queues.STATS], lines)
    return gone
