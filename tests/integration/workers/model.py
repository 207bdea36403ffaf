"""One call, its workers and Telnyx: what may happen next, and what must hold after it.

Handlers, drains and stores are those of `python -m workers`, on the real scripts of a real Valkey. Sockets and
clocks are the model's: each script and each request waits until it is let happen (model_turns.py), Telnyx is a
pure machine (model_far_side.py), and a wait, a lease or a claim ends when the model says so (model_clock.py).
"""

from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Final, NamedTuple, Self

import redis

from ingress.webhook import entry_of
from shared import placing
from shared.commands import Request
from shared.dialplan import Loaded, parse
from shared.events import read_envelope
from shared.ids import CallId
from shared.telnyx import Answer
from tests.integration.workers import model_clock as clock
from tests.integration.workers.model_books import Books
from tests.integration.workers.model_far_side import FarSide
from tests.integration.workers.model_fleet import Fleet, Queued, Worker, queued
from tests.integration.workers.model_scripts import CALLED, PROFILE, Script
from tests.integration.workers.model_seen import Seen, look
from tests.integration.workers.model_turns import Flight

OUTBOUND: Final = CallId("0b8b1a52-0000-5000-8000-000000000001")
SOON_S: Final = 1.0  # what the far side does within this may happen at any time, the rest when all is quiet
LONGEST: Final = 1000  # moves; a call takes about a hundred


class Move(NamedTuple):
    """Something that may happen now, by itself; `part` says where, `who` to which worker, if to one."""

    part: str
    what: str
    do: Callable[[], object]
    who: str = ""

    def __str__(self) -> str:
        return f"{self.part}: {self.who} {self.what}"


class Model:
    """From the first event of a call to the last, on an empty database. `story` is what has happened."""

    def __init__(self, valkey: "redis.Redis", script: Script, logs: list[MutableMapping[str, Any]]) -> None:
        """`logs` is where the workers log to (structlog.testing.capture_logs)."""
        valkey.flushdb()
        logs.clear()
        self._logs = logs
        self.valkey = valkey
        self.script = script
        self.far_side = FarSide(script.callees)
        self.books = Books(valkey, self.far_side)
        plan = Loaded(parse(script.toml), script.toml, "plan")
        self.fleet = Fleet(valkey, plan, self.books)
        self.delivered: list[bytes] = []
        self.failures: set[Request] = set()  # that had no answer once
        self.story: list[str] = []
        self.is_untimely = False  # something came later than it ever should
        self.is_whole = True  # nothing was found broken
        if script.caller is not None:
            self.far_side.ring_in(script.caller)
        else:
            asked = placing.CallRequest(PROFILE, CALLED)
            self.fleet.accept(placing.entry_of("key", asked, plan, OUTBOUND, self.far_side.now))
        self._look()

    def step(self, what: str, do: Callable[[], object]) -> None:
        """Let it happen, and everybody run until they wait again; then everything has to hold."""
        self.story.append(what)
        self.is_whole = False
        do()
        self.fleet.calm_down()
        self._look()
        errors = [line for line in self._logs if line["log_level"] == "error"]
        assert errors == [], errors
        self.is_whole = True

    def go_on(self, move: Move) -> None:
        self.step(str(move), move.do)

    def run_until(self, holds: Callable[[], object]) -> None:
        """One thing after the other, until this holds or nothing is left."""
        for _ in range(LONGEST):
            if holds() or not self.moves:
                return
            self.go_on(self.moves[0])
        raise AssertionError("it never comes to an end")

    def run_to_quiet(self) -> None:
        self.run_until(lambda: False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, broken: BaseException | None, _trace: object) -> None:
        if broken is not None:
            broken.add_note("\n".join(self.story))
        self.fleet.loop.end()

    def check_end(self) -> None:
        """What took effect is what the script says, unless something was lost, came too late or was not wanted."""
        self.books.check_end(self.seen)
        self.check_effects()
        if not (self.is_untimely or self.script.races) and self.books.is_plain:
            effects = sorted(self.far_side.effects())
            assert effects == sorted(self.script.effects), effects

    def check_effects(self) -> None:
        """Nothing took effect that the script does not allow."""
        allowed = Counter(self.script.effects) + Counter(self.script.beside)
        assert Counter(self.far_side.effects()) <= allowed, self.far_side.effects()

    def _look(self) -> None:
        self.seen: Seen = look(self.valkey, self.books.call)
        clock.stand_still(self.valkey, self.books.call, self.seen)
        self.fleet.collect(self.seen.pushed)
        self.books.check(self.seen)
        self.moves = self._moves()

    def _moves(self) -> list[Move]:
        """Everything that may happen now. Time passes when all is quiet, and ends when nothing is left."""
        found = [*self._working(), *self._arriving(), *self._delivering(), *self._taking(), *self._sweeping()]
        due_in = self.far_side.due_in()
        if due_in is not None and due_in <= SOON_S:
            found.append(Move("far side", "goes on", self._far_side_goes_on))
        return found or [*self._waiting()]

    def _working(self) -> Iterator[Move]:
        turns = self.fleet.turns
        for turn in turns.waiting:
            yield Move("work", turn.what, lambda turn=turn: turns.let(turn), turn.worker)

    def _arriving(self) -> Iterator[Move]:
        for flight in self.fleet.flights:
            path = flight.request.path
            if flight.reply is None:
                yield Move("wire", f"{path} arrives", lambda one=flight: self.arrive(one), flight.worker)
            else:
                what = f"{path} is answered {flight.reply.status}"
                yield Move("wire", what, lambda one=flight: self.answer(one, one.reply), flight.worker)

    def _delivering(self) -> Iterator[Move]:
        for body in self.far_side.webhooks:
            yield Move("webhook", read_envelope(body).event_type, lambda body=body: self._deliver(body))

    def _taking(self) -> Iterator[Move]:
        for one in self.fleet.queue:
            for worker in self.fleet.workers:
                if worker.kind == one.kind:
                    yield Move(
                        "job", f"takes {one.job.id}", lambda one=one, by=worker: self.take(by, one), worker.name
                    )

    def _sweeping(self) -> Iterator[Move]:
        """Commands that nobody holds are found when their time has come, and so is a call that waits to dial."""
        seen = self.seen
        if seen.outbox and not seen.is_due and not self.fleet.held(seen.token):
            yield Move("sweep", "commands are due", lambda: clock.end_waits(self.valkey, self.books.call, seen))
        kind = seen.drain if seen.is_due else "routing" if seen.waits_to_dial else ""
        for worker in self.fleet.workers:
            if worker.kind == kind and not worker.sweeps and not self.fleet.turns.are_waiting("admit"):
                yield Move("sweep", "looks for calls", worker.sweep, worker.name)

    def _waiting(self) -> Iterator[Move]:
        """What comes first, here or there."""
        timers, due_in = self.books.timers, self.far_side.due_in()
        first = min(timers, key=timers.__getitem__, default=None)
        if self.seen.outbox:
            yield Move("time", "half a second passes", self.fleet.loop.pass_half_a_second)
        elif first is not None and (due_in is None or timers[first] < self.far_side.now + due_in):
            yield Move("time", f"timer {first[0]}", lambda: self._timer_is_due(first))
        elif due_in is not None:
            yield Move("time", "far side goes on", self._far_side_goes_on)

    def arrive(self, flight: Flight) -> None:
        flight.reply = self.far_side.perform(flight.request)
        if flight.answer.done() or flight.worker in self.fleet.turns.dead:
            self.fleet.flights.remove(flight)

    def answer(self, flight: Flight, answer: Answer) -> None:
        self.fleet.flights.remove(flight)
        if not flight.answer.done() and flight.worker not in self.fleet.turns.dead:
            flight.answer.set_result(answer)

    def accept(self, body: bytes) -> None:
        self.fleet.accept(entry_of(read_envelope(body), self.far_side.now, body))

    def take(self, worker: Worker, one: Queued) -> None:
        self.fleet.queue.remove(one)
        worker.take(one, self.far_side.now)

    def fire(self, timer: tuple[str, int]) -> None:
        del self.books.timers[timer]
        self.fleet.queue.append(queued(*clock.take_due(self.valkey, self.books.call, timer)))

    def _timer_is_due(self, timer: tuple[str, int]) -> None:
        self.far_side.now = max(self.far_side.now, self.books.timers[timer])
        self.fire(timer)

    def _deliver(self, body: bytes) -> None:
        self.far_side.webhooks.remove(body)
        self.delivered.append(body)
        self.accept(body)

    def _far_side_goes_on(self) -> None:
        self.story.append(f"    {self.far_side.happen()}")
