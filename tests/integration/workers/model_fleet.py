"""Workers as `python -m workers` wires them, and the jobs that they take, lose and leave behind."""

import asyncio
import itertools
from typing import Final, NamedTuple

import redis

from shared import queues
from shared.dialplan import Loaded
from shared.enqueue import enqueue
from shared.queues import Entry, Kind
from tests.integration.workers.model_books import Books
from tests.integration.workers.model_far_side import CONNECTION
from tests.integration.workers.model_turns import Direct, Flight, SteppedStore, StillLoop, Turns, Wire
from workers.delivery.admissions import Admissions
from workers.delivery.drains import Drains, Held
from workers.delivery.handle import Handler
from workers.delivery.plans import Plans
from workers.engine import jobs
from workers.engine.job import Done, Job

KINDS_AT_WORK: Final[tuple[Kind, ...]] = ("routing", "routing", "machine_detection", "recording")


class Queued(NamedTuple):
    """A job that anybody of its kind may take."""

    job: Job
    kind: Kind


def queued(kind: Kind, job_id: str, data: bytes) -> Queued:
    return Queued(Job(job_id, "", data, 0.0, 0, 0, ""), kind)


async def _at_once(_lost: int) -> None:
    """Nobody waits for a clock here: who comes next is the model's to say."""


class Worker:
    """One process of a kind, and the tasks in which it does its work."""

    def __init__(self, name: str, kind: Kind, fleet: "Fleet") -> None:
        self.name, self.kind = name, kind
        self.jobs: dict[asyncio.Task, Queued] = {}
        self.sweeps: set[asyncio.Task] = set()
        store = SteppedStore(fleet.valkey, kind, name, fleet.turns, fleet.books)
        wire = Wire(name, fleet.turns, fleet.books, fleet.flights)
        self.drains = Drains(store, wire, 100, fleet.plan)
        self._admissions = Admissions(store)
        asked = self._admissions.ask
        handler = Handler(store, fleet.plans, CONNECTION, self.drains.start, asked, give_way=_at_once)
        self.drains.settle_with(handler.settle)
        self._desk = jobs.Desk(handler, None)
        self._fleet = fleet

    def take(self, one: Queued, now: float) -> None:
        self.jobs[self._fleet.loop.create_task(jobs.run(self._desk, one.job, now, 30.0))] = one

    def sweep(self) -> None:
        """What every worker does each second."""
        looks = (self.drains.claim_due(), self._admissions.sweep())
        self.sweeps |= {self._fleet.loop.create_task(look) for look in looks}

    @property
    def is_busy(self) -> bool:
        return bool(self.jobs or self.sweeps or len(self.drains))

    def reap(self) -> None:
        """See to what is done; a job leaves its hash behind until then, as with finish.lua."""
        for task in [task for task in self.jobs if task.done()]:
            one = self.jobs.pop(task)
            assert task.result() == Done(), f"{one.job.id}: {task.result()}"
            self._fleet.valkey.delete(queues.job_key(one.job.id))
        for task in [task for task in self.sweeps if task.done()]:
            task.result()
            self.sweeps.remove(task)


class Fleet:
    """All workers, the queue of jobs and the wire between them and Telnyx."""

    def __init__(self, valkey: "redis.Redis", plan: Loaded, books: Books) -> None:
        self.valkey = valkey
        self.books = books
        self.plan = plan.plan
        self.plans = Plans(Direct(valkey), plan)
        self.loop = StillLoop()
        self.turns = Turns()
        self.flights: list[Flight] = []
        self.queue: list[Queued] = []
        self.dead: list[Worker] = []  # kept, so that nothing of theirs is tidied up before the end
        self._names = (f"worker-{n}" for n in itertools.count(1))
        self.workers = [Worker(next(self._names), kind, self) for kind in KINDS_AT_WORK]

    def accept(self, entry: Entry) -> None:
        """As the ingress does."""
        self.loop.run_until_complete(enqueue(Direct(self.valkey), [entry]))

    def collect(self, pushed: list[tuple[Kind, str]]) -> None:
        """Take over what scripts have pushed, for the model to hand out. A download is no matter of the call."""
        for kind, job_id in pushed:
            self.valkey.lrem(queues.queue_key(kind), 1, job_id)
            if not job_id.startswith("recording-"):
                self.queue.append(queued(kind, job_id, self.valkey.hget(queues.job_key(job_id), "data")))

    def calm_down(self) -> None:
        """Everybody runs until they wait for the model."""
        self.loop.calm_down()
        for worker in self.workers:
            worker.reap()

    def kill(self, worker: Worker) -> None:
        """As by SIGKILL: its jobs go back, another one takes its place, what it has written may still arrive."""
        self.turns.kill(worker.name)
        self.dead.append(worker)
        self.queue += worker.jobs.values()
        self.workers[self.workers.index(worker)] = Worker(next(self._names), worker.kind, self)
        self.flights[:] = [one for one in self.flights if one.worker != worker.name or one.reply is None]

    def under_way(self, verb: str) -> list[Flight]:
        return [flight for flight in self.flights if flight.request.path.endswith(f"/{verb}")]

    def sender(self, flight: Flight) -> Worker:
        return next(worker for worker in self.workers if worker.name == flight.worker)

    def held(self, token: str) -> list[Held]:
        """The claim of this token, if somebody who lives renews it."""
        return [held for worker in self.workers for held in worker.drains.held() if held.token == token]
