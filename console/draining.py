"""Asking the workers of a kind to stop, through Redis, and waiting until they have: as SIGTERM, from anywhere.

They take nothing more, finish what they have in hand (at most 20 s), give the rest back and exit with 0. Each is
told by RQ's own shutdown command, which is published and not kept: who is there a second later is told again.
"""

import asyncio
import time
from typing import Final

import msgspec
from redis.asyncio import Redis

from console import queues
from shared import queues as names
from shared.queues import Kind

TELL_AGAIN_S: Final = 1.0
LOOK_EVERY_S: Final = 0.1
WITHIN_S: Final = 30.0  # a worker stops within 20 s, then leaves


class Drained(msgspec.Struct, frozen=True):
    """Names of workers: who was there, who has stopped, who has not in time; then what waits for a successor."""

    kind: Kind
    asked: tuple[str, ...]
    stopped: tuple[str, ...]
    left: tuple[str, ...]
    depth: int


async def drain(client: Redis, kind: Kind, within_s: float = WITHIN_S) -> Drained:
    """Stop those that are live now; one that starts meanwhile works on. Raises redis.exceptions.RedisError."""
    asked = await _live(client, kind)
    left, end, tell_at = asked, time.monotonic() + within_s, 0.0
    while left and time.monotonic() < end:
        if time.monotonic() >= tell_at:
            tell_at = time.monotonic() + TELL_AGAIN_S
            for worker in left:
                await client.publish(names.rq_command_channel(worker), b'{"command": "shutdown"}')
        await asyncio.sleep(LOOK_EVERY_S)
        there = set(await _live(client, kind))
        left = [worker for worker in left if worker in there]
    _, standings = await queues.stand(client)
    stopped = tuple(worker for worker in asked if worker not in left)
    return Drained(kind, tuple(asked), stopped, tuple(left), standings[kind].depth)


def sentence(done: Drained) -> str:
    """How many have stopped, for a person."""
    told = f"{len(done.stopped)} of {len(done.asked)} workers have stopped; {done.depth} jobs wait"
    return f"{done.kind}: {told}"


async def _live(client: Redis, kind: Kind) -> list[str]:
    """A worker that stops takes its beat away; one that died has none after 5 s."""
    seconds, microseconds = await client.time()
    return [one.name for one in await queues.workers(client, kind, seconds + microseconds / 1e6) if one.live]
