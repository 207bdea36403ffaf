"""Taking jobs from Valkey and giving them back: one round trip finishes a batch and takes the next."""

import contextlib
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

from shared import faults, queues
from shared.queues import Kind, MsgpackSerializer
from shared.scripts import Script
from workers.engine.job import Broken, Job, Verdict, read_start, to_finish

IDLE_WAIT_S: Final = 1  # whole seconds: what BLMOVE takes on every server; short, as is the wait for a dead one

_start = Script(__file__, "parking", "start")
_finish = Script(__file__, "parking", "finish")
_alone = Script(__file__, "alone")

ScriptCall = tuple[Script, list[str], list[Any]]


class Trip(NamedTuple):
    """What a round trip has brought. `trouble` is what kept the finished jobs from being settled, or None."""

    taken: list[Job | Broken]
    trouble: Exception | None


class Exchange:
    """The queue of one kind, as one worker sees it. What asks it raises redis.exceptions.RedisError."""

    def __init__(
        self, kind: Kind, client: Redis, waiting: Redis, worker: str, worker_key: str, executions_key: str
    ) -> None:
        """`waiting` blocks on the queue, so it needs longer timeouts than `client`."""
        self._kind: Kind = kind
        self._client = client
        self._waiting = waiting
        self._executions_key = executions_key
        self._worker = worker
        self._start_keys = [
            queues.queue_key(kind),
            queues.intermediate_key(kind),
            queues.lease_key(kind),
            executions_key,
            queues.pending_key(kind),
            queues.failed_key(kind),
        ]
        self._finish_keys = [
            queues.queue_key(kind),
            queues.lease_key(kind),
            executions_key,
            queues.failed_key(kind),
            queues.schedule_key(kind),
            queues.pending_key(kind),
            worker_key,
        ]

    async def next_id(self) -> bytes | None:
        """The next job's id, moved to the intermediate list; None when there was none for a while."""
        moved = await self._waiting.blmove(
            queues.queue_key(self._kind), queues.intermediate_key(self._kind), IDLE_WAIT_S, "LEFT", "RIGHT"
        )
        if not isinstance(moved, bytes):
            return None
        faults.crash_point("after_move")
        return moved

    async def trip(self, finished: list[tuple[Job, Verdict]], busy_s: float, room: int, ids: list[bytes]) -> Trip:
        """Settle what is finished; take those ids from the intermediate list, else up to `room` from the queue.

        Raises only when nothing can have been taken, or nobody can know it: such a job's lease runs out.
        """
        await self._without_fences(finished, ids)
        calls: list[ScriptCall] = []
        if finished:
            faults.crash_point("before_finish")
            calls.append((_finish, self._finish_keys, _finish_args(finished, busy_s)))
        if room or ids:
            calls.append((_start, self._start_keys, self._start_args(room, ids)))
        replies = await self._in_one_trip(calls)
        finish = replies[0] if finished else None
        start = replies[-1] if room or ids else []
        if isinstance(start, Exception):
            raise start
        return Trip(read_start(start), finish if isinstance(finish, Exception) else None)

    async def mark_alone(self, job: Job) -> bool:
        """Note that this job runs alone from now on. False when its lease was lost."""
        keys = [queues.lease_key(self._kind), queues.job_key(job.id)]
        return bool(await _alone.run(self._client, keys, [f"{job.id}:{job.execution}"]))

    async def strays(self, known: list[str]) -> list[Job]:
        """Jobs that are leased to this worker without its knowing: the reply that told of them was lost.

        Given back at once they need not wait for the end of their lease. `known` is as of `Crew.held`. To be asked
        while no START is on its way.
        """
        try:
            members: set[bytes] = await self._client.smembers(self._executions_key)  # type: ignore[assignment] # undecoded
        except ResponseError:
            return []  # a key of a wrong type, or a busy server: the leases end by themselves
        lost = {member.decode(errors="replace") for member in members} - set(known)
        pairs = (member.rpartition(":") for member in sorted(lost))
        return [
            Job(job, execution, b"", queued_at=0.0, exceptions=0, lost_leases=0, forbidden="")
            for job, _, execution in pairs
        ]

    async def connect_anew(self) -> None:
        """One connection is dead: the idle ones may be as dead, and each would cost a timeout to find out."""
        for client in (self._client, self._waiting):
            with contextlib.suppress(RedisError, OSError):
                await client.connection_pool.disconnect(inuse_connections=False)

    async def _without_fences(self, finished: list[tuple[Job, Verdict]], ids: list[bytes]) -> None:
        """Forge the proofs that FIN and START ask for, where a test has switched that off."""
        if finished and faults.is_off("finish_fence"):
            leases = {f"{job.id}:{job.execution}": 0.0 for job, _ in finished}
            await self._client.zadd(queues.lease_key(self._kind), leases)
        if ids and faults.is_off("start_fence"):
            await self._client.rpush(queues.intermediate_key(self._kind), *ids)

    async def _in_one_trip(self, calls: list[ScriptCall]) -> list[Any]:
        """Each reply, or the error in its place: the one says nothing of the other."""
        async with self._client.pipeline(transaction=False) as pipe:
            for script, keys, args in calls:
                pipe.evalsha(script.sha, len(keys), *keys, *args)
            replies = list(await pipe.execute(raise_on_error=False))
        for n, (script, keys, args) in enumerate(calls):
            if isinstance(replies[n], NoScriptError):
                replies[n] = await script.run(self._client, keys, args)
        return replies

    def _start_args(self, room: int, ids: list[bytes]) -> list[Any]:
        return [
            room,
            self._worker,
            queues.rq_time(datetime.now(UTC)),
            queues.LEASE_S,
            uuid4().hex,
            queues.FAILED_TTL_S,
            queues.RETRIES_LEFT,
            *ids,
        ]


def _finish_args(finished: list[tuple[Job, Verdict]], busy_s: float) -> list[Any]:
    items = [to_finish(job, verdict) for job, verdict in finished]
    return [MsgpackSerializer.dumps(items), queues.rq_time(datetime.now(UTC)), busy_s, queues.FAILED_TTL_S]
