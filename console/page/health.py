"""Is it well now: the line on top of every screen."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from redis.asyncio import Redis

from console import overview, queues
from console.figures import Metrics
from console.queues import Standing
from shared.queues import Kind

LATE_S: Final = 5.0  # that the head of a queue may wait: as long as a killed worker's jobs


class Health(NamedTuple):
    """`troubles` is empty when all is well. Times and rates are of the last five minutes."""

    troubles: tuple[str, ...]
    live_calls: int
    workers: int
    dead: int
    balanced: bool
    metrics: Metrics


async def look(client: Redis) -> Health:
    """Raises redis.exceptions.RedisError."""
    now = await overview.read(client)
    standings = now.standings.values()
    return Health(
        tuple(_troubles(now.account.balanced, now.standings)),
        now.live_calls,
        sum(one.live for one in standings),
        sum(one.dead for one in standings) + now.broken,
        now.account.balanced,
        await queues.read_metrics(client, now.now),
    )


def _troubles(balanced: bool, standings: dict[Kind, Standing]) -> Iterator[str]:
    for kind, one in standings.items():
        if not one.live:
            yield f"no {kind} worker"
        if one.oldest_s > LATE_S:
            yield f"{kind} waits {one.oldest_s:.0f} s"
    if not balanced:
        yield "the audit does not balance"
