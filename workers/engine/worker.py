"""The RQ worker of Trunkline: many jobs at once on one event loop, on RQ's own data model.

RQ gives the registration, the names of the keys and the tools that read them; taking and finishing jobs
(`pump.py`, `exchange.py`) and running them (`crew.py`) is ours.
"""

import asyncio
import contextlib
import time
from functools import partial
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
from shared.version import VERSION
from workers.delivery.drains import Drains
from workers.engine import history
from workers.engine.background import for_ever
from workers.engine.crew import Crew
from workers.engine.exchange import Exchange
from workers.engine.jobs import Desk
from workers.engine.leases import Holding, Leases
from workers.engine.listening import listen
from workers.engine.pump import TROUBLE_WAIT_S, Pump
from workers.engine.sweep import EVERY_S, Sweep

STOP_WITHIN_S: Final = 20.0
CANCELLED_S: Final = 2.0  # before that, what still runs is cancelled, so that it can be given back
TURN_S: Final = 0.5


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
        self._stop_within_s = stop_within_s
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._loop_turned = time.monotonic()

    async def work_until_stopped(self, desk: Desk, drains: Drains) -> None:
        """Register, work, and leave nothing behind: what does not end in time after `stop` is given back."""
        exchange = Exchange(self.kind, self._client, self._waiting, self.name, self.key, self.executions_key)
        crew = Crew(self.kind, self._concurrency, desk, drains, exchange, self._changed)
        pump = Pump(exchange, crew, self._changed)
        drains.on_end(self._changed.set)
        leases = self._leases(crew, drains)
        await self._first_beat(leases)
        leases.start()
        beside = self._begin_beside(drains)
        log.info("worker_started", worker=self.name, concurrency=self._concurrency)
        try:
            await pump.run(self._stopping)
            await self._wind_down(pump, drains)
        finally:
            await cancel_all(beside)
            leases.stop()
            await asyncio.to_thread(leases.join, 2.0)
            with contextlib.suppress(RedisError, OSError):
                await asyncio.to_thread(self._leave)
        log.info("worker_stopped", worker=self.name)

    def stop(self) -> None:
        """Take no more jobs; called on SIGTERM."""
        self._stopping.set()
        self._changed.set()

    def serialize(self) -> dict[str, Any]:
        """What RQ's tools and ours read of a worker; `version` is RQ's."""
        told: dict[str, Any] = super().serialize()
        return told | {"trunkline_version": VERSION, "trunkline_dialplan": self._dialplan}

    def _set_connection(self, connection: Any) -> Any:
        """Keep our own socket timeout: RQ's would let a dead connection hang for minutes."""
        return connection

    def _leases(self, crew: Crew, drains: Drains) -> Leases:
        def holding() -> Holding:
            return Holding(crew.held(), drains.held(), self._loop_turned)

        return Leases(
            self.connection, self.kind, self.name, self.key, self.executions_key, holding, self._register
        )

    def _register(self) -> None:
        """Make RQ's tools know us, again where they have forgotten: RQ refuses a name that it still has."""
        self.connection.delete(self.key)
        self.register_birth()  # type: ignore[no-untyped-call] # RQ leaves it untyped

    def _leave(self) -> None:
        self.register_death()  # type: ignore[no-untyped-call] # RQ leaves it untyped
        self.connection.zrem(queues.beat_key(self.kind), self.name)

    async def _first_beat(self, leases: Leases) -> None:
        """Be known before the first job; Valkey may go away at any moment, this one too."""
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(leases.beat, Holding([], [], self._loop_turned))
                break
            except (RedisError, OSError) as reason:
                log.warning("registration_failed", reason=type(reason).__name__, doing="trying again")
                await asyncio.sleep(TROUBLE_WAIT_S)

    def _begin_beside(self, drains: Drains) -> list[asyncio.Task[None]]:
        """What goes on beside the jobs for as long as the worker works."""
        sweep = Sweep(self._client, self.kind)
        hear = partial(listen, self._waiting, self.name, drains.nudge, self._told_to_stop)
        return [
            asyncio.create_task(self._turn()),
            asyncio.create_task(for_ever("listening", hear, TROUBLE_WAIT_S)),
            asyncio.create_task(for_ever("sweeping", sweep.once, EVERY_S)),
            asyncio.create_task(for_ever("draining", drains.claim_due, EVERY_S)),
            asyncio.create_task(for_ever("trimming", partial(history.trim, self._client), history.EVERY_S)),
        ]

    async def _turn(self) -> None:
        """Show the lease thread that the loop still turns."""
        while True:
            self._loop_turned = time.monotonic()
            await asyncio.sleep(TURN_S)

    def _told_to_stop(self) -> None:
        if not self._stopping.is_set():
            log.info("worker_told_to_stop", worker=self.name, by="a command in Redis")
            self.stop()

    async def _wind_down(self, pump: Pump, drains: Drains) -> None:
        """Finish what is in flight, as long as there is time, and give the rest back."""
        end = time.monotonic() + self._stop_within_s
        drains.pause()
        await pump.wind_down(end - CANCELLED_S)
        await drains.stop(end - time.monotonic() - CANCELLED_S / 2)
