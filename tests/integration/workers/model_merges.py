"""Every order in which workers can do what they are about to do, with one of them killed at every point.

A run ends where it comes to a state that was seen before: of two steps that change nothing for each other only one
order is followed to the end.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Final

from shared import calls
from tests.integration.workers.model import LONGEST, Model, Move
from tests.integration.workers.model_fleet import Worker

AT_ONCE: Final = {"work", "wire", "sweep"}
TIMES: Final = (b".first", b".next", b".slot")


class Run:
    """One order. `seen` is what each worker has found at each of its steps, and so all that it knows."""

    def __init__(self, model: Model, may_kill: bool) -> None:
        self.model = model
        self.seen: dict[str, int] = {}
        self.was_killed = False
        self._may_kill = may_kill

    def choices(self) -> list[Move]:
        """The next step of each worker while both are at work; the rest, or all after a kill, in its order."""
        steps = {move.who: move for move in reversed(self.model.moves) if move.part in AT_ONCE}
        workers = self.model.fleet.workers
        at_work = any(worker.jobs or worker.sweeps for worker in workers)
        if self.was_killed or not (at_work or sum(len(worker.drains) for worker in workers) > 1):
            return [*steps.values()][:1]
        victims = [worker for worker in workers if self._may_kill and worker.is_busy]
        kills = [Move("kill", "is killed", lambda one=one: replace(self.model, one), one.name) for one in victims]
        return [*steps.values(), *kills]

    def go_on(self, move: Move) -> None:
        self.was_killed |= move.part == "kill"
        self.seen[move.who] = hash((self.seen.get(move.who), str(move), self._stored()))
        self.model.go_on(move)

    def state(self) -> Hashable:
        """Equal where nothing that can still happen differs."""
        fleet, far_side = self.model.fleet, self.model.far_side
        performed = tuple((entry.command_id, entry.effective) for entry in far_side.ledger.entries)
        on_the_wire = tuple((flight.worker, flight.request, flight.reply is None) for flight in fleet.flights)
        waiting = tuple(sorted(turn[:2] for turn in fleet.turns.waiting))
        knowledge = tuple(sorted(self.seen.items()))
        told = tuple(far_side.webhooks)
        return self.was_killed, knowledge, self._stored(), performed, told, on_the_wire, waiting

    def _stored(self) -> Hashable:
        """What a script can find, but for the times in it."""
        seen, record = self.model.seen, self.model.books.record
        fields = {(field, None if field.endswith(TIMES) else value) for field, value in seen.outbox.items()}
        kept = calls.encode(record) if record else b""
        return kept, seen.version, seen.token, seen.is_due, seen.pending, frozenset(fields)


def replace(model: Model, worker: Worker) -> None:
    """It is killed, and another one does its jobs anew."""
    jobs, place = list(worker.jobs.values()), model.fleet.workers.index(worker)
    model.fleet.kill(worker)
    for one in jobs:
        model.take(model.fleet.workers[place], one)


def every_run(begin: Callable[[], Model], may_kill: bool) -> Iterator[Run]:
    """All orders from this beginning, each at its end."""
    known: set[Hashable] = set()
    path: list[int] = []
    while True:
        taken, widths, is_new = [], [], True
        with begin() as model:
            run = Run(model, may_kill)
            while is_new and (found := run.choices()):
                assert len(taken) < LONGEST, "it never comes to an end"
                n = path[len(taken)] if len(taken) < len(path) else 0
                taken.append(n)
                widths.append(len(found))
                run.go_on(found[n])
                if len(taken) >= len(path):
                    is_new = run.state() not in known
                    known.add(run.state())
            if is_new:
                yield run
        while taken and taken[-1] + 1 == widths[-1]:
            taken.pop()
            widths.pop()
        if not taken:
            return
        path = [*taken[:-1], taken[-1] + 1]
