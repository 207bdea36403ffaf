"""How the queues and their workers stand, and how quick the fleet has been lately; read, never changed.

For the command, the page and /metrics. RQ's own listings clean up as they look (its `cleanup=True`): ours don't.
"""

from datetime import datetime
from typing import Final

import msgspec
from redis.asyncio import Redis

from console.figures import Fields, Metrics, Spread, added, metrics_of, spread
from shared import queues
from shared.queues import KINDS, Kind
from shared.scripts import Script

SHOWN_S: Final = 60.0  # how long a worker that has fallen silent is still told of
MINUTES: Final = 5  # that quantiles and rates are of
MAX_WORKERS: Final = 1_000

_queues = Script(__file__, "queues")


class Worker(msgspec.Struct, frozen=True):
    """One worker process. Beyond 5 s without a beat it is dead, or cut off from Valkey."""

    name: str
    host: str
    pid: int | None
    version: str  # of Trunkline
    dialplan: str  # that calls begin under there: its hash
    state: str  # as it last said: idle or busy
    beat_age_s: float
    live: bool


class Standing(msgspec.Struct, frozen=True):
    """How much there is of what in one queue, now."""

    depth: int
    oldest_s: float  # how long its head has waited; 0 when it is empty
    in_flight: int
    scheduled: int  # timers and retries that are not due
    to_send: int  # calls with commands on their way
    dead: int  # dead letters
    live: int  # workers


class Queue(msgspec.Struct, frozen=True):
    """One kind of work: how its queue stands, how quick it was in the last five minutes, and who works on it."""

    kind: Kind
    now: Standing
    wait: Spread
    run: Spread
    workers: tuple[Worker, ...]


async def look(client: Redis) -> list[Queue]:
    """Every kind, in the order of `KINDS`. Raises redis.exceptions.RedisError."""
    now, standings = await stand(client)
    recent = await recent_fields(client, now)
    return [
        Queue(
            kind,
            standings[kind],
            spread(recent, "job_wait_seconds", kind),
            spread(recent, "job_run_seconds", kind),
            tuple(await workers(client, kind, now)),
        )
        for kind in KINDS
    ]


async def read_metrics(client: Redis, now: float) -> Metrics:
    """Rates and times of the last five minutes, over the whole fleet. Raises redis.exceptions.RedisError."""
    return metrics_of(await recent_fields(client, now), (MINUTES - 1) * 60 + now % 60)


async def stand(client: Redis) -> tuple[float, dict[Kind, Standing]]:
    """The server's time, and how every queue stands, in one script. Raises redis.exceptions.RedisError."""
    now, *rows = await _queues.run(client, [], [queues.ALIVE_S, *KINDS])
    return float(now), {kind: _standing(float(now), row) for kind, row in zip(KINDS, rows, strict=True)}


async def workers(client: Redis, kind: Kind, now: float) -> list[Worker]:
    """Those that beat within the last minute, the newest beat first."""
    beats: list[tuple[bytes, float]] = await client.zrange(  # type: ignore[assignment] # scores are asked for
        queues.beat_key(kind),
        "+inf",
        now - SHOWN_S,
        desc=True,
        byscore=True,
        offset=0,
        num=MAX_WORKERS,
        withscores=True,
    )
    pipe = client.pipeline(transaction=False)
    for name, _ in beats:
        pipe.hmget(
            queues.rq_worker_key(name.decode()),
            "hostname",
            "pid",
            "trunkline_version",
            "trunkline_dialplan",
            "state",
        )
    told = await pipe.execute() if beats else []
    return [_worker(name, now - beat, fields) for (name, beat), fields in zip(beats, told, strict=True)]


async def totals(client: Redis) -> Fields:
    """All that the fleet has ever counted."""
    kept: dict[bytes, bytes] = await client.hgetall(queues.METRICS)  # type: ignore[assignment] # undecoded
    return _fields(kept)


async def recent_fields(client: Redis, now: float) -> Fields:
    """What was counted in this minute and the four before."""
    pipe = client.pipeline(transaction=False)
    for minute in range(int(now // 60) - MINUTES + 1, int(now // 60) + 1):
        pipe.hgetall(f"{queues.METRICS_MINUTE}{minute}")
    return added(_fields(reply) for reply in await pipe.execute())


def _fields(reply: dict[bytes, bytes]) -> dict[str, int]:
    return {field.decode(): int(n) for field, n in reply.items()}


def _standing(now: float, row: list[bytes | int]) -> Standing:
    depth, oldest, *counts = row
    return Standing(int(depth), _age_s(oldest, now), *(int(count) for count in counts))


def _age_s(since: bytes | int, now: float) -> float:
    """Since a time as RQ writes it; 0 where there is none, or where whoever wrote the job wrote something else."""
    try:
        queued_at = datetime.fromisoformat(since.decode()).timestamp() if isinstance(since, bytes) else now
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, now - queued_at)


def _worker(name: bytes, age_s: float, fields: list[bytes | None]) -> Worker:
    host, pid, version, dialplan, state = (field.decode(errors="replace") if field else "" for field in fields)
    age_s = max(0.0, age_s)
    return Worker(
        name.decode(errors="replace"),
        host or "unknown",
        int(pid) if pid.isascii() and pid.isdigit() else None,
        version or "unknown",
        dialplan or "unknown",
        state or "unknown",
        age_s,
        age_s <= queues.ALIVE_S,
    )
