"""The RQ worker of Trunkline: many jobs at once on one event loop, on RQ's own data model.

RQ gives the registration, the names of the keys and the tools that read them. Taking and finishing jobs is
ours: one round trip finishes a batch and takes the next (`finish.lua`, `start.lua`).
"""

import asyncio
import contextlib
import time
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import redis as blocking
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError
from rq import Queue
from rq.worker import BaseWorker

from shared import queues
from shared.log import log
from shared.queues import Kind, MsgpackSerializer
from shared.scripts import Script
from workers.delivery.drains import Drains
from workers.engine import jobs
from workers.engine.job import Back, Broken, Job, Verdict, read_start, to_finish
from workers.engine.jobs import Desk
from workers.engine.leases import LEASE_S, Holding, Leases
from workers.engine.sweep import Sweep

BATCH: Final = 32  # jobs that one START takes: it holds the server well under 2 ms
IDLE_WAIT_S: Final = 5  # seconds
TROUBLE_WAIT_S: Final = 0.2
STOP_WITHIN_S: Final = 20.0
SUSPECT_LEASES: Final = 2  # a job that lost this many leases runs alone in its process

_start = Script(__file__, "start")
_finish = Script(__file__, "finish")


class CallWorker(BaseWorker):
    """Runs the jobs of one kind, from registration to `stop`, and leaves none behind."""

    def __init__(
        self,
        kind: Kind,
        concurrency: int,
        client: Redis,
        waiting: Redis,
        registering: "blocking.Redis",
    ) -> None:
        """`waiting` blocks on the queue, so it needs a client of its own; `registering` is RQ's blocking one."""
        super().__init__([kind], name=uuid4().hex, connection=registering, serializer=MsgpackSerializer)
        self.kind: Kind = kind
        self._concurrency = concurrency
        self._client = client
        self._waiting = waiting
        self._in_flight: dict[str, tuple[Job, float]] = {}  # by execution, with its deadline (monotonic)
        self._tasks: set[asyncio.Task[None]] = set()
        self._suspects: list[Job] = []
        self._finished: list[tuple[Job, Verdict]] = []
        self._busy_s = 0.0
        self._changed = asyncio.Event()
        self._stopping = False
        self._loop_turned = time.monotonic()

    def _set_connection(self, connection: Any) -> Any:
        """Keep our own socket timeout: RQ's would let a dead connection hang for minutes."""
        return connection

    def stop(self) -> None:
        """Take no more jobs; called on SIGTERM."""
        self._stopping = True
        self._changed.set()

    async def work_until_stopped(self, desk: Desk, drains: Drains) -> None:
        """Register, work, and leave nothing behind: what does not end within 20 s of `stop` is given back."""
        self._desk, self._drains = desk, drains
        await asyncio.to_thread(self.register_birth)
        leases = Leases(self.connection, self.kind, self.name, self.key, self.executions_key, self._holding)
        await asyncio.to_thread(leases.beat, self._holding())
        leases.start()
        sweep = Sweep(self._client, self.kind, self._claim_due)
        helpers = [asyncio.create_task(work) for work in (sweep.run(), self._turn(), self._listen())]
        log.info("worker_started", worker=self.name, concurrency=self._concurrency)
        try:
            await self._pump()
            await self._wind_down()
        finally:
            for task in helpers:
                task.cancel()
            leases.stop()
            await asyncio.to_thread(leases.join, 2.0)
            with contextlib.suppress(RedisError, OSError):
                await asyncio.to_thread(self._leave)
        log.info("worker_stopped", worker=self.name)

    def _leave(self) -> None:
        self.register_death()  # type: ignore[no-untyped-call] # RQ leaves it untyped
        self.connection.zrem(queues.beat_key(self.kind), self.name)

    async def _claim_due(self) -> None:
        await self._drains.claim_due(self._room())

    def _room(self) -> int:
        """How many more jobs or drains this process may hold."""
        if self._suspects or self._stopping:
            return 0
        return max(0, self._concurrency - len(self._in_flight) - len(self._drains))

    def _holding(self) -> Holding:
        now = time.monotonic()
        held = [f"{job.id}:{job.execution}" for job, deadline in self._in_flight.copy().values() if now < deadline]
        held += [f"{job.id}:{job.execution}" for job in self._suspects.copy()]
        return Holding(held, self._drains.held(), self._loop_turned)

    async def _turn(self) -> None:
        """Show the lease thread that the loop still turns."""
        while True:
            self._loop_turned = time.monotonic()
            await asyncio.sleep(0.5)

    async def _listen(self) -> None:
        """Hear of commands that other workers put into the outbox of a call that is drained here."""
        channel = f"trunkline:nudge:{self.name}"
        while True:
            try:
                async with self._waiting.pubsub() as pubsub:
                    await pubsub.subscribe(channel)
                    while True:
                        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=IDLE_WAIT_S)
                        if message:
                            self._drains.nudge(message["data"].decode())
            except (RedisError, OSError):
                await asyncio.sleep(TROUBLE_WAIT_S)

    async def _pump(self) -> None:
        """Finish and take, in one round trip each turn, until asked to stop."""
        idle: asyncio.Task[bytes | None] | None = None
        try:
            while not self._stopping:
                self._changed.clear()
                self._run_suspect()
                ids = []
                if idle is not None and idle.done():
                    ids, idle = _taken(idle), None
                room = min(self._room(), BATCH)
                want = bool(ids) or (room > 0 and idle is None)
                got = await self._exchange(room if want else 0, ids) if want or self._finished else 0
                if want and not ids and not got:
                    idle = asyncio.create_task(self._wait_for_job())
                    idle.add_done_callback(lambda _: self._changed.set())
                elif got and self._room() > 0:
                    continue
                if not self._finished:
                    await self._changed.wait()
        finally:
            if idle is not None:
                idle.cancel()

    async def _wait_for_job(self) -> bytes | None:
        """The next job's id, moved to the intermediate list; None when there was none for a while."""
        keys = queues.queue_key(self.kind), queues.intermediate_key(self.kind)
        try:
            moved = await self._waiting.blmove(*keys, IDLE_WAIT_S, "LEFT", "RIGHT")
        except (RedisError, OSError):
            await asyncio.sleep(TROUBLE_WAIT_S)
            return None
        return moved if isinstance(moved, bytes) else None

    async def _exchange(self, room: int, ids: list[bytes]) -> int:
        """Finish what is finished and take up to `room` jobs, or those ids. Returns how many were taken."""
        finished, self._finished = self._finished, []
        busy_s, self._busy_s = self._busy_s, 0.0
        calls = []
        if finished:
            calls.append((_finish, *self._finish_call(finished, busy_s)))
        if room or ids:
            calls.append((_start, *self._start_call(room, ids)))
        try:
            replies = await self._in_one_trip(calls)
        except (RedisError, OSError) as reason:
            log.warning("valkey_away", reason=type(reason).__name__)
            self._finished = (
                finished + self._finished
            )  # finishing twice is harmless: the lease is gone the second time
            self._busy_s += busy_s
            await asyncio.sleep(TROUBLE_WAIT_S)
            self._changed.set()
            return 0
        for job, _ in finished:
            self._in_flight.pop(job.execution, None)
        return self._launch(read_start(replies[-1])) if room or ids else 0

    async def _in_one_trip(self, calls: list[tuple[Script, list[str], list[Any]]]) -> list[Any]:
        async with self._client.pipeline(transaction=False) as pipe:
            for script, keys, args in calls:
                pipe.evalsha(script.sha, len(keys), *keys, *args)
            replies = await pipe.execute(raise_on_error=False)
        for n, (script, keys, args) in enumerate(calls):
            if isinstance(replies[n], NoScriptError):
                replies[n] = await script.run(self._client, keys, args)
            elif isinstance(replies[n], Exception):
                raise replies[n]
        return list(replies)

    def _start_call(self, room: int, ids: list[bytes]) -> tuple[list[str], list[Any]]:
        keys = [
            queues.queue_key(self.kind),
            queues.intermediate_key(self.kind),
            queues.lease_key(self.kind),
            self.executions_key,
            queues.pending_key(self.kind),
        ]
        return keys, [room, self.name, _iso(), LEASE_S, uuid4().hex, *ids]

    def _finish_call(self, finished: list[tuple[Job, Verdict]], busy_s: float) -> tuple[list[str], list[Any]]:
        keys = [
            queues.queue_key(self.kind),
            queues.lease_key(self.kind),
            self.executions_key,
            queues.failed_key(self.kind),
            queues.schedule_key(self.kind),
            queues.pending_key(self.kind),
            self.key,
        ]
        items = [to_finish(job, verdict) for job, verdict in finished]
        return keys, [MsgpackSerializer.dumps(items), _iso(), busy_s]

    def _launch(self, taken: list[Job | Broken]) -> int:
        for job in taken:
            if isinstance(job, Broken):
                log.error("job_parked", job=job.id, reason=job.reason)
            elif job.lost_leases >= SUSPECT_LEASES:
                self._suspects.append(job)
                self._changed.set()
            else:
                self._begin(job)
        return len(taken)

    def _run_suspect(self) -> None:
        """A job that may be what kills its workers runs when nothing else does, and is marked so before."""
        if self._suspects and not self._in_flight and not len(self._drains):
            self._begin(self._suspects.pop(0), alone=True)

    def _begin(self, job: Job, alone: bool = False) -> None:
        deadline_s = queues.DEADLINE_S[self.kind]
        self._in_flight[job.execution] = (job, time.monotonic() + deadline_s)
        task = asyncio.create_task(self._run(job, deadline_s, alone))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job: Job, deadline_s: float, alone: bool) -> None:
        started = time.time()
        verdict: Verdict = Back()
        try:
            if alone:
                await self._client.hset(queues.job_key(job.id), "alone", "1")
            verdict = await jobs.run(self._desk, job, started, deadline_s)
        except (RedisError, OSError):
            pass
        finally:
            self._busy_s += time.time() - started
            self._finished.append((job, verdict))
            self._changed.set()

    async def _wind_down(self) -> None:
        """Finish what is in flight, at most 20 s, and give the rest back."""
        end = time.monotonic() + STOP_WITHIN_S
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_WITHIN_S - 2)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._finished += [(job, Back()) for job in self._suspects]
        await self._drains.stop(end - time.monotonic() - 1)
        if self._finished:
            await self._exchange(0, [])


def _taken(idle: "asyncio.Task[bytes | None]") -> list[bytes]:
    taken = idle.result()
    return [taken] if taken else []


def _iso() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def rq_queue(kind: Kind, connection: "blocking.Redis") -> Queue:
    """The stock RQ queue of a kind, for whoever enqueues or reads by RQ's own means."""
    return Queue(kind, connection=connection, serializer=MsgpackSerializer)
