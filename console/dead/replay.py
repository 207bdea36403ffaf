"""Dead letters run again, no faster than the calls and Telnyx can bear; the account adds up at any moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from redis.asyncio import Redis

from console.dead.letter import Letter, Place
from console.dead.reading import BATCH, read
from shared import queues
from shared.queues import RETRIES_LEFT
from shared.scripts import Script

RATE: Final = 5.0  # a second

Outcome = Literal["replayed", "stale", "broken", "gone"]

_replay = Script(__file__, "replay")


class Done(NamedTuple):
    """`gone`: no dead letter any more, since somebody else has replayed or discarded it."""

    letter: Letter
    outcome: Outcome


class Pace:
    """So many a second and no more, evenly. The clock is in seconds; `sleep` waits for so many of them."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.rate = rate
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    async def turn(self) -> None:
        """Return when the next one may go."""
        wait = self._next - self._clock()
        if wait > 0:
            await self._sleep(wait)
        self._next = max(self._next, self._clock()) + 1 / self.rate


async def replay(
    client: Redis, chosen: Sequence[Place], pace: Pace, *, include_stale: bool, dry_run: bool
) -> list[Done]:
    """Each chosen letter and what became of it, or would. Raises redis.exceptions.RedisError."""
    done: list[Done] = []
    # How a call stands is asked again about once a second: while letters wait for their turn, it may end.
    size = BATCH if dry_run else max(1, min(BATCH, int(pace.rate)))
    for at in range(0, len(chosen), size):
        for letter in await read(client, chosen[at : at + size], time.time()):
            outcome = _judged(letter, include_stale)
            if outcome == "replayed" and letter.place.kind and not dry_run:
                await pace.turn()
                outcome = await _put_back(client, letter.place.id, letter.place.kind)
            done.append(Done(letter._replace(data=b""), outcome))
    return done


def _judged(letter: Letter, include_stale: bool) -> Outcome:
    if letter.is_broken:
        return "broken"
    return "stale" if letter.is_stale and not include_stale else "replayed"


async def _put_back(client: Redis, job_id: str, kind: queues.Kind) -> Outcome:
    keys = [
        queues.failed_key(kind),
        queues.job_key(job_id),
        queues.queue_key(kind),
        queues.pending_key(kind),
        queues.STATS,
        queues.RQ_QUEUES,
    ]
    reply: bytes = await _replay.run(client, keys, [job_id, queues.rq_time(datetime.now(UTC)), RETRIES_LEFT])
    outcome: Outcome = "replayed" if reply == b"replayed" else "broken" if reply == b"broken" else "gone"
    return outcome
