"""The jobs that this process runs at once, and those that must run alone: they may be what kills workers."""

import asyncio
import time
from typing import Final

from redis.exceptions import RedisError

from shared import faults, metrics, queues
from shared.cancelling import cancel_all
from shared.log import log, where
from shared.queues import Kind
from workers.delivery.drains import Drains
from workers.engine import jobs
from workers.engine.exchange import Exchange
from workers.engine.job import Back, Broken, Job, Verdict
from workers.engine.jobs import Desk

SUSPECT_LEASES: Final = 2  # a job that lost this many leases runs alone in its process


class Crew:
    """The jobs of one process. Drains have a budget of their own: a silent Telnyx must not hold up events."""

    def __init__(
        self,
        kind: Kind,
        concurrency: int,
        desk: Desk,
        drains: Drains,
        exchange: Exchange,
        changed: asyncio.Event,
    ) -> None:
        """`changed` is set whenever there may be more to do."""
        self._kind = kind
        self._deadline_s = queues.DEADLINE_S[kind]
        self._concurrency = concurrency
        self._desk = desk
        self._drains = drains
        self._exchange = exchange
        self._changed = changed
        self._in_flight: dict[str, tuple[Job, float]] = {}  # by execution, with its deadline (monotonic)
        self._tasks: set[asyncio.Task[None]] = set()
        self._suspects: list[Job] = []  # taken, and waiting until they can run alone
        self._one_runs_alone = False
        self.finished: list[tuple[Job, Verdict]] = []  # have ended, and are not settled in Valkey yet
        self.busy_s = 0.0

    def held(self) -> list[str]:
        """The leases to renew; safe to call from another thread."""
        now = time.monotonic()
        running = [job for job, deadline in self._in_flight.copy().values() if now < deadline]
        return [f"{job.id}:{job.execution}" for job in (*running, *self._suspects.copy())]

    @property
    def is_exclusive(self) -> bool:
        """Whether a job runs alone, or waits for it: then no other may begin."""
        return bool(self._suspects) or self._one_runs_alone

    def room(self) -> int:
        """How many more jobs may be taken now."""
        return 0 if self.is_exclusive else max(0, self._concurrency - self._at_work)

    def begin_suspect(self) -> None:
        """Begin the next suspect as soon as nothing else runs; nothing is sent while one waits or runs."""
        if not self.is_exclusive:
            self._drains.resume()
        elif not self._one_runs_alone:
            self._drains.pause()
            if not self._at_work and not len(self._drains):
                self._begin(self._suspects.pop(0), alone=True)

    def launch(self, taken: list[Job | Broken]) -> None:
        """Begin these jobs, or keep them until they can run alone."""
        for job in taken:
            if isinstance(job, Broken):
                log.error("job_parked", job=job.id, reason=job.reason)
            elif job.lost_leases >= SUSPECT_LEASES and not faults.is_off("suspects_alone"):
                self._suspects.append(job)
            else:
                self._begin(job)

    def settled(self, finished: list[tuple[Job, Verdict]]) -> None:
        """These are finished in Valkey too: their leases are renewed no more."""
        for job, _ in finished:
            self._in_flight.pop(job.execution, None)

    async def next_end(self, within_s: float) -> bool:
        """Wait for a job to end. False when none runs."""
        if not self._tasks:
            return False
        await asyncio.wait(self._tasks, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        return True

    def give_back_suspects(self) -> None:
        self.finished += [(job, Back()) for job in self._suspects]
        self._suspects = []

    async def cancel(self) -> None:
        """Interrupt what still runs; each job becomes one to give back."""
        await cancel_all(self._tasks)

    @property
    def _at_work(self) -> int:
        """Jobs that hold a place; one that has ended is settled before the next ones are taken."""
        return len(self._in_flight) - len(self.finished)

    def _begin(self, job: Job, alone: bool = False) -> None:
        self._one_runs_alone |= alone
        self._in_flight[job.execution] = (job, time.monotonic() + self._deadline_s)
        task = asyncio.create_task(self._run(job, alone))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job: Job, alone: bool) -> None:
        started = time.time()
        verdict: Verdict = Back()
        try:
            if not alone or await self._exchange.mark_alone(job):
                verdict = await jobs.run(self._desk, job, started, self._deadline_s)
        except (RedisError, OSError) as reason:
            log.warning("job_given_back", job=job.id, reason=where(reason))
        finally:
            self._count(job, verdict, started, time.time())
            self.finished.append((job, verdict))
            if alone:
                self._one_runs_alone = False
            self._changed.set()

    def _count(self, job: Job, verdict: Verdict, started: float, ended: float) -> None:
        self.busy_s += ended - started
        if job.queued_at:
            metrics.JOB_WAIT.observe(started - job.queued_at, self._kind)
        metrics.JOB_RUN.observe(ended - started, self._kind)
        metrics.JOBS.add(self._kind, type(verdict).__name__.lower())
