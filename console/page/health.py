"""Is it well now: the line on top of every screen."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from redis.asyncio import Redis

from console import audit, queues
from console.figures import Metrics
from console.queues import Standing
from shared import queues as names
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
    account = await audit.take(client)
    _, standings = await queues.stand(client)
    pipe = client.pipeline(transaction=False)
    pipe.zcard(names.ALIVE)
    pipe.llen(names.PARKED)
    live_calls, broken = await pipe.execute()
    return Health(
        tuple(_troubles(account.balanced, standings)),
        live_calls,
        sum(one.live for one in standings.values()),
        sum(one.dead for one in standings.values()) + broken,
        account.balanced,
        await queues.read_metrics(client),
    )


def _troubles(balanced: bool, standings: dict[Kind, Standing]) -> Iterator[str]:
    for kind, one in standings.items():
        if not one.live:
            yield f"no {kind} worker"
        if one.oldest_s > LATE_S:
            yield f"{kind} waits {one.oldest_s:.0f} s"
    if not balanced:
        yield "the audit does not balance"
