"""Bytes of Valkey's memory for a call and for an event that waits: `used_memory` before and after many of them."""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import redis
from redis.asyncio import Redis

from bench.growth.copies import copy
from bench.growth.one_call import LIVE, OVER, play
from bench.side_by_side import Measure
from bench.valkey import valkey
from console.samples import FOLDER
from shared import enqueue, queues
from shared.queues import Entry

MANY: Final = 4096
ONE_SCRIPT: Final = 64


@contextmanager
def contestants(_seconds: float) -> Iterator[dict[str, Measure]]:
    with valkey() as (url, _):
        yield {
            "a live call: 3 events, 2 commands": partial(_call, url, LIVE),
            "the same when it is over, its timeline kept": partial(_call, url, OVER),
            "an event that waits, its body of 1 KB included": partial(_event, url),
        }


def _call(url: str, names: tuple[str, ...]) -> dict[str, float]:
    stored = play(url, names)
    return _bytes(url, lambda client: copy(client, stored, MANY))


def _event(url: str) -> dict[str, float]:
    return _bytes(url, lambda _: asyncio.run(_enqueue(url)))


async def _enqueue(url: str) -> None:
    """As the ingress does."""
    body = (FOLDER / "call.initiated.json").read_bytes()
    async with Redis.from_url(url) as client:
        for _ in range(0, MANY, ONE_SCRIPT):
            await enqueue.enqueue(client, [_entry(body) for _ in range(ONE_SCRIPT)])


def _entry(body: bytes) -> Entry:
    event = str(uuid.uuid4())
    data = queues.job_data(queues.APPLY_WEBHOOK, time.time(), body)
    return Entry(queues.seen_key(event), "1", event, "routing", "call.initiated", data)


def _bytes(url: str, store: Callable[[redis.Redis], None]) -> dict[str, float]:
    with redis.Redis.from_url(url) as client:
        client.execute_command("FLUSHALL", "SYNC")  # what is freed later would count against what is stored
        before = client.info("memory")["used_memory"]
        store(client)
        after = client.info("memory")["used_memory"]
    return {"bytes": (after - before) / MANY}
