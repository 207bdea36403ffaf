"""The RQ worker of Trunkline: many jobs at once on one event loop, on RQ's own data model.

RQ gives the registration, the names of the keys and the tools that read them; taking and finishing jobs
(`exchange.py`) and running them (`crew.py`) is ours.
"""

import asyncio
import contextlib
import time
from typing import Any, Final
from uuid import uuid4

import redis as blocking
from redis.asyncio import Redis
from redis.exceptions import RedisError
from rq.worker import BaseWorker

from shared import queues
from shared.cancelling import cancel_all
from shared.log import log
from shared.queues import Kind, MsgpackSerializer
from shared.valkey import is_away
from shared.version import VERSION
from workers.delivery.drains import Drains
from workers.engine import history, unknown
from workers.engine.background import for_ever
from workers.engine.crew import Crew
from workers.engine.exchange import Exchange
from workers.engine.job import Back, Job, Verdict
from workers.engine.jobs import Desk
from workers.engine.leases import Holding, Leases
from workers.engine.listening import listen
from workers.engine.sweep import EVERY_S, Sweep

BATCH: Final = 32  # jobs that one START takes: it holds the server well under 2 ms
TROUBLE_WAIT_S: Final = 0.2
STOP_WITHIN_S: Final = 20.0
CANCELLED_S: Final = 2.0  # before that, what still runs is cancelled, so that it can be given back


class CallWorker(BaseWorker):
    """Runs the jobs of one kind, from registration to `stop`, and leaves none behind."""

    def __init__(
        self,
        kind: Kind,
        concurrency: int,
        client: Redis,
        waiting: Redis,
        registering: "blocking.Redis",
        *,
        dialplan: str,
        stop_within_s: float = STOP_WITHIN_S,
    ) -> None:
        """`waiting` blocks on the queue, so it needs a client of its own; `registering` is RQ's blocking one.

        `dialplan` is the hash of the one that calls begin under here, for whoever compares the workers of a fleet.
        """
        super().__init__([kind], name=uuid4().hex, connection=registering, serializer=MsgpackSerializer)
        self.kind: Kind = kind
        self._dialplan = dialplan
        self._concurrency = concurrency
        self._client = client
        self._waiting = waiting
        self._exchange = Exchange(kind, client, waiting, self.name, self.key, self.executions_key)
        self._stop_within_s = stop_within_s
        self._moved: list[bytes] = []  # our id in the intermediate list, until it is taken or gone from there
        self._may_hold_unknown = False  # since a reply was lost: it may have been that of a START
        self._changed = asyncio.Event()
        self._stopping = False
        self._loop_turned = time.monotonic()

    def serialize(self) -> dict[str, Any]:
        """What RQ's tools and ours read of a worker; `version` is RQ's."""
        told: dict[str, Any] = super().serialize()
        return told | {"trunkline_version": VERSION, "trunkline_dialplan": self._dialplan}

    def _set_connection(self, connection: Any) -> Any:
        """Keep our own socket timeout: RQ's would let a dead connection hang for minutes."""
        return connection

    def stop(self) -> None:
        """Take no more jobs; called on SIGTERM."""
        self._stopping = True
        self._changed.set()

    async def work_until_stopped(self, desk: Desk, drains: Drains) -> None:
        """Register, work, and leave nothing behind: what does not end in time after `stop` is given back."""
        drains.on_end(self._changed.set)
        self._drains = drains
        self._crew = Crew(self.kind, self._concurrency, desk, drains, self._exchange, self._changed)
        leases = Leases(
            self.connection,
            self.kind,
            self.name,
            self.key,
            self.executions_key,
            self._holding,
            self._register,
        )
        await self._first_beat(leases)
        leases.start()
        sweep = Sweep(self._client, self.kind)
        helpers = [
            asyncio.create_task(self._turn()),
            asyncio.create_task(for_ever("listening", self._listen, TROUBLE_WAIT_S)),
            asyncio.create_task(for_ever("sweeping", sweep.once, EVERY_S)),
            asyncio.create_task(for_ever("draining", drains.claim_due, EVERY_S)),
            asyncio.create_task(for_ever("trimming", self._trim, history.EVERY_S)),
        ]
        log.info("worker_started", worker=self.name, concurrency=self._concurrency)
        try:
            await self._pump()
            await self._wind_down()
        finally:
            await cancel_all(helpers)
            leases.stop()
            await asyncio.to_thread(leases.join, 2.0)
            with contextlib.suppress(RedisError, OSError):
                await asyncio.to_thread(self._leave)
        log.info("worker_stopped", worker=self.name)

    async def _first_beat(self, leases: Leases) -> None:
        """Be known before the first job; Valkey may go away at any moment, this one too."""
        while not self._stopping:
            try:
                await asyncio.to_thread(leases.beat, self._holding())
                break
            except (RedisError, OSError) as reason:
                log.warning("registration_failed", reason=type(reason).__name__, doing="trying again")
                await asyncio.sleep(TROUBLE_WAIT_S)

    def _register(self) -> None:
        """Make RQ's tools know us, again where they have forgotten: RQ refuses a name that it still has."""
        self.connection.delete(self.key)
        self.register_birth()  # type: ignore[no-untyped-call] # RQ leaves it untyped

    def _leave(self) -> None:
        self.register_death()  # type: ignore[no-untyped-call] # RQ leaves it untyped
        self.connection.zrem(queues.beat_key(self.kind), self.name)

    def _holding(self) -> Holding:
        return Holding(self._crew.held(), self._drains.held(), self._loop_turned)

    async def _turn(self) -> None:
        """Show the lease thread that the loop still turns."""
        while True:
            self._loop_turned = time.monotonic()
            await asyncio.sleep(0.5)

    async def _trim(self) -> None:
        await history.trim(self._client)

    async def _listen(self) -> None:
        await listen(self._waiting, self.name, self._drains.nudge, self._told_to_stop)

    def _told_to_stop(self) -> None:
        if not self._stopping:
            log.info("worker_told_to_stop", worker=self.name, by="a command in Redis")
            self.stop()

    async def _pump(self) -> None:
        """Finish and take, in one round trip each turn, until asked to stop."""
        idle: asyncio.Task[bytes | None] | None = None
        while not self._stopping:
            self._changed.clear()
            room = min(BATCH, self._crew.room())
            if room and idle is not None and idle.done():
                self._moved, idle = _taken(idle), None
            asked = room if idle is None else 0
            was_moved = bool(self._moved)
            if await self._settle_and_take(asked) or was_moved:
                continue
            if asked:
                idle = asyncio.create_task(self._wait_for_job())
                idle.add_done_callback(lambda _: self._changed.set())
            if not self._crew.finished:
                await self._changed.wait()
        if idle is not None:
            await self._stop_waiting(idle)

    async def _wait_for_job(self) -> bytes | None:
        try:
            return await self._exchange.next_id()
        except (RedisError, OSError):
            await self._connect_anew()
            await asyncio.sleep(TROUBLE_WAIT_S)
            return None

    async def _connect_anew(self) -> None:
        """One connection is dead: the idle ones may be as dead, and each would cost a timeout to find out."""
        self._may_hold_unknown = True
        for client in (self._client, self._waiting):
            with contextlib.suppress(RedisError, OSError):
                await client.connection_pool.disconnect(inuse_connections=False)

    async def _stop_waiting(self, idle: "asyncio.Task[bytes | None]") -> None:
        """A job that came in this very moment is run as the last one; one still on its way here is swept back."""
        if not idle.done():
            await cancel_all([idle])
        if not idle.cancelled() and not self._crew.is_exclusive:
            self._moved = _taken(idle)
            await self._settle_and_take(0)

    async def _settle_and_take(self, room: int) -> int:
        """Finish what is finished, and take the job that was moved to us, else up to `room`. Returns how many."""
        crew = self._crew
        if not (crew.finished or room or self._moved):
            return 0
        finished, crew.finished = crew.finished, []
        busy_s, crew.busy_s = crew.busy_s, 0.0
        try:
            back = await self._unknown()
            taken, trouble = await self._exchange.trip(finished + back, busy_s, room, self._moved)
            self._moved = []
        except (RedisError, OSError) as reason:
            taken, trouble = [], reason
        crew.launch(taken)
        if trouble is None:
            crew.settled(finished)
        else:  # finishing twice is harmless: the lease is gone the second time
            crew.finished = finished + crew.finished
            crew.busy_s += busy_s
            log.warning("valkey_away" if is_away(trouble) else "valkey_refuses", reason=str(trouble)[:200])
            await self._connect_anew()
            await asyncio.sleep(TROUBLE_WAIT_S)
        return len(taken)

    async def _unknown(self) -> list[tuple[Job, Verdict]]:
        if not self._may_hold_unknown:
            return []
        found = await unknown.leases(self._client, self.executions_key, self._crew.held())
        self._may_hold_unknown = False  # the trip that follows settles it, or sets it again
        if found:
            log.info("leases_given_back", jobs=len(found), why="Valkey was away when they were told to us")
        return [(job, Back()) for job in found]

    async def _wind_down(self) -> None:
        """Finish what is in flight, as long as there is time, and give the rest back."""
        end = time.monotonic() + self._stop_within_s
        self._drains.pause()
        self._crew.give_back_suspects()
        while (left_s := end - CANCELLED_S - time.monotonic()) > 0 and await self._crew.next_end(left_s):
            await self._settle_and_take(0)
        await self._crew.cancel()
        await self._settle_and_take(0)
        await self._drains.stop(end - time.monotonic() - CANCELLED_S / 2)


def _taken(idle: "asyncio.Task[bytes | None]") -> list[bytes]:
    taken = idle.result()
    return [taken] if taken else []
