"""Renews what this worker holds, once a second, from its own thread: a busy event loop must not lose its jobs.

It stops renewing when the loop has not turned for 10 s, and a job's lease when the job is past its deadline: then
another worker takes over.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from redis import Redis
from redis.exceptions import NoScriptError, ReadOnlyError

from shared import faults, queues
from shared.log import log, where
from shared.queues import Kind
from shared.scripts import Script
from shared.valkey import is_away
from workers.delivery.drains import Held

EVERY_S: Final = 1.0
TIMEOUT_S: Final = 1.0  # of the thread's commands: a stuck connection must not cost a lease
OUTAGE_S: Final = 2.0  # without any worker's beat; a shorter pause ends no lease that was renewed in time
LOOP_DEAD_S: Final = 10.0
WORKER_TTL_S: Final = 60

_script = Script(__file__, "renew")


def outage_s() -> float:
    """How long no worker must have beaten for an outage."""
    return 1e9 if faults.is_off("patience") else OUTAGE_S


class Holding(NamedTuple):
    """What to renew: `job:execution` members, claims, and when the event loop last turned (monotonic)."""

    members: list[str]
    claims: list[Held]
    loop_turned: float


class Leases(threading.Thread):
    """The renewing thread; `holding` is asked once a second and must be safe to call from here."""

    def __init__(
        self,
        client: Redis,
        kind: Kind,
        worker: str,
        worker_key: str,
        executions_key: str,
        holding: Callable[[], Holding],
        register: Callable[[], None],
    ) -> None:
        """`register` is called, from here, when RQ's tools do not know the worker (any more)."""
        super().__init__(name="leases", daemon=True)
        self._client = client
        self._worker = worker
        self._keys = [
            queues.lease_key(kind),
            worker_key,
            queues.beat_key(kind),
            executions_key,
            queues.RQ_WORKERS,
            queues.rq_workers_key(kind),
            queues.patience_key(kind),
        ]
        self._holding = holding
        self._register = register
        self._stop_asked = threading.Event()

    def stop(self) -> None:
        self._stop_asked.set()

    def run(self) -> None:
        while not self._stop_asked.wait(EVERY_S):
            try:
                self._renew()
            except Exception as reason:  # noqa: BLE001 - the border of this thread: without it every lease is lost
                if is_away(reason):
                    log.warning("renewal_failed", reason=type(reason).__name__)
                else:
                    log.error("renewal_failed", reason=where(reason))

    def _renew(self) -> None:
        holding = self._holding()
        if time.monotonic() - holding.loop_turned > LOOP_DEAD_S and not faults.is_off("loop_watch"):
            log.error("event_loop_stuck", doing="not renewing: another worker takes the jobs over")
        else:
            self.beat(holding)

    def beat(self, holding: Holding) -> None:
        """Renew once, and register where that is needed. Raises redis.exceptions.RedisError."""
        args: list[str | float | bytes] = [
            self._worker,
            queues.rq_time(datetime.now(UTC)),
            queues.LEASE_S,
            WORKER_TTL_S,
            msgspec.msgpack.encode(holding.members),
            msgspec.msgpack.encode(holding.claims),
            "busy" if holding.members else "idle",
            outage_s(),
        ]
        if not self._run_script(args):
            self._register()

    def _run_script(self, args: list[str | float | bytes]) -> bool:
        """The reply of renew.lua: whether RQ's tools still know this worker."""
        try:
            is_known = self._client.evalsha(_script.sha, len(self._keys), *self._keys, *args)
        except NoScriptError:
            is_known = self._client.eval(_script.text, len(self._keys), *self._keys, *args)
        except ReadOnlyError:
            self._client.connection_pool.disconnect()  # new connections find the primary
            raise
        return bool(is_known)
