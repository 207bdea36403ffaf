"""Group commit: whatever arrived while the last batch was on its way goes to Valkey together, as one script.

One batch is in flight at a time, on one connection. When its outcome is unknown the connection is remade and the
batch sent again for whoever still waits: the script keeps each entry once, so a repeat does no harm.
"""

import asyncio
from collections import deque
from typing import Any, Final, NamedTuple

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError
from redis.exceptions import TimeoutError as RedisTimeoutError

from ingress.deadlines import Deadlines
from ingress.durable import DEADLINE_S, DurableWrites
from ingress.ready import DurabilityWatch
from shared import enqueue, faults
from shared.enqueue import Stored
from shared.errors import Unavailable
from shared.log import log
from shared.queues import Entry

CAPACITY: Final = 2_048  # events that may wait
MAX_ENTRIES: Final = 64  # with MAX_BYTES: no script holds the server for more than about 2 ms
MAX_BYTES: Final = 128 * 1024
RECONNECT_S: Final = 0.05

# OSError covers Python's own TimeoutError. A script that the server has forgotten is loaded by the reconnect.
_UNKNOWN_OUTCOME: Final = (RedisConnectionError, RedisTimeoutError, NoScriptError, OSError)


class _Waiter(NamedTuple):
    entry: Entry
    stored: "asyncio.Future[Stored]"  # durably


class GroupCommit:
    """`accept` waits for durability; `run` is the task that provides it."""

    def __init__(self, writes: DurableWrites, watch: DurabilityWatch) -> None:
        self._writes = writes
        self._watch = watch
        self._waiting: deque[_Waiter] = deque()
        self._deadlines = Deadlines(DEADLINE_S)
        self._arrived = asyncio.Event()

    async def accept(self, entry: Entry) -> Stored:
        """Return when the entry is durable. Raises Unavailable when it is not within 1 s: it may be later."""
        self._writes.check()
        if len(self._waiting) >= CAPACITY and not self._make_room():
            raise Unavailable("too much is waiting")
        waiter = _Waiter(entry, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._arrived.set()
        if faults.is_off("durable_answer"):
            return Stored(True, entry.once_value)
        self._deadlines.add(waiter.stored)
        return await waiter.stored

    async def run(self) -> None:
        """Write batches for ever, remaking the connection after each error."""
        while True:
            try:
                async with self._writes.connection(enqueue.SCRIPT) as connection:
                    await self._watch.look()  # another server may keep less
                    while True:
                        await self._arrived.wait()
                        await self._write_batch(connection)
            except Exception as reason:  # noqa: BLE001 - the border of this task: no error may end it
                log.debug("group_commit_reconnects", reason=repr(reason))
                await asyncio.sleep(RECONNECT_S)

    async def _write_batch(self, connection: AbstractConnection) -> None:
        batch = self._take()
        if not batch:
            self._arrived.clear()
            return
        try:
            keys, args = enqueue.command([waiter.entry for waiter in batch])
            replies = await self._writes.run(connection, enqueue.SCRIPT, keys, args)
        except _UNKNOWN_OUTCOME:
            self._waiting.extendleft(reversed(batch))
            raise
        except Exception as reason:
            _refuse(batch, f"Redis refused the batch: {reason}")
            raise
        for waiter, reply in zip(batch, replies, strict=True):
            _settle(waiter, reply)
        self._deadlines.forget_done()
        if any(reply[0] == b"error" and reply[1].startswith(b"READONLY") for reply in replies):
            raise RedisConnectionError("the server has become a replica")

    def _make_room(self) -> bool:
        """Leave out those that have given up: while the server is away, no batch does."""
        while self._waiting and self._waiting[0].stored.done():
            self._waiting.popleft()
        return len(self._waiting) < CAPACITY

    def _take(self) -> list[_Waiter]:
        """The next batch: the oldest first, without those that have given up."""
        batch: list[_Waiter] = []
        size = 0
        while self._waiting and len(batch) < MAX_ENTRIES:
            waiter = self._waiting[0]
            if not waiter.stored.done():
                size += len(waiter.entry.data)
                if batch and size > MAX_BYTES:
                    break
                batch.append(waiter)
            self._waiting.popleft()
        return batch


def _settle(waiter: _Waiter, reply: list[Any]) -> None:
    entry, waiting = waiter
    try:
        stored = enqueue.stored(entry, reply)
    except Unavailable as reason:
        log.error("entry_refused", event_id=entry.job_id, reason=str(reason))
        _refuse([waiter], "Redis refused it")
        return
    if not waiting.done():
        waiting.set_result(stored)


def _refuse(batch: list[_Waiter], text: str) -> None:
    for waiter in batch:
        if not waiter.stored.done():
            waiter.stored.set_exception(Unavailable(text))
