"""What should not happen to a call, and does. Each takes the model and whom it happens to."""

from ingress.webhook import entry_of
from shared import queues
from shared.events import read_envelope
from tests.integration.workers import model_clock as clock
from tests.integration.workers.model import Model
from tests.integration.workers.model_far_side import denies, fails, falls_silent, refuses
from tests.integration.workers.model_fleet import Worker, queued
from tests.integration.workers.model_seen import look
from tests.integration.workers.model_turns import Flight
from workers.delivery.drains import Held


def crash(model: Model, worker: Worker) -> None:
    model.step(f"{worker.name} is killed", lambda: model.fleet.kill(worker))


def lose_lease(model: Model, worker: Worker) -> None:
    """Its oldest job is given to another one as well: it was stopped for 3 s, and now goes on."""
    one = next(iter(worker.jobs.values()))
    model.step(f"{worker.name} loses the lease of {one.job.id}", lambda: model.fleet.queue.append(one))


def claim_runs_out(model: Model, held: Held) -> None:
    """Its holder was stopped for 3 s, and now goes on."""
    model.step(f"claim {held.token} runs out", lambda: clock.end_claim(model.valkey, held.call, model.seen))


def fail(model: Model, flight: Flight) -> None:
    """A 503: of a request that has arrived nobody can tell whether it was performed."""
    model.failures.add(flight.request)
    model.step(f"{flight.name} fails", lambda: model.answer(flight, fails(flight.request)))


def lose(model: Model, flight: Flight) -> None:
    """The connection breaks. Once for each command: a second time its sender would sleep for half a second."""
    if flight.request in model.failures:
        fail(model, flight)
        return
    model.failures.add(flight.request)
    model.step(f"{flight.name} is lost", lambda: model.answer(flight, falls_silent(flight.request)))


def refuse(model: Model, flight: Flight) -> None:
    """A 429, for which nothing was done. One of a dial would stop every dial for a while: it fails instead."""
    if flight.reply is not None or flight.request.path == "/calls":
        fail(model, flight)
        return
    model.failures.add(flight.request)
    model.step(f"{flight.name} is refused", lambda: model.answer(flight, refuses(flight.request)))


def deny(model: Model, flight: Flight) -> None:
    """A final 4xx. Of a request that has arrived it is none; and a hangup is not denied, or its leg would stay."""
    if flight.reply is not None or flight.request.path.endswith("/hangup"):
        fail(model, flight)
        return
    model.failures.add(flight.request)
    model.step(f"{flight.name} is denied", lambda: model.answer(flight, denies(flight.request)))


def silence(model: Model, flight: Flight) -> None:
    """Whoever waits for an answer sends a second copy."""
    model.step(f"half a second without an answer to {flight.name}", model.fleet.loop.pass_half_a_second)


def sweep(model: Model, worker: Worker) -> None:
    """It looks for calls that nobody holds, whether there are any or not."""
    model.step(f"{worker.name} sweeps", worker.sweep)


def nudge(model: Model, worker: Worker) -> None:
    """It hears of more commands, late or for nothing."""
    model.step(f"{worker.name} is nudged", lambda: worker.drains.nudge(model.books.call))


def push_again(model: Model, body: bytes) -> None:
    """The sweep has taken the job of an event for lost."""
    event = read_envelope(body)
    one = queued(queues.kind_of(event.event_type), event.id, entry_of(event, model.far_side.now, body).data)
    model.step(f"pushed again: {event.event_type}", lambda: model.fleet.queue.append(one))


def accept_again(model: Model, body: bytes) -> None:
    """Telnyx tells it again after a day, when the ingress has forgotten its id."""
    event = read_envelope(body)
    model.valkey.delete(queues.seen_key(event.id))
    model.step(f"accepted again: {event.event_type}", lambda: model.accept(body))


def tell_anew(model: Model, body: bytes) -> None:
    """Telnyx tells the same once more, as an event of its own."""
    event = read_envelope(body)
    copy = body.replace(f'"id":"{event.id}"'.encode(), f'"id":"{event.id}-{len(model.story)}"'.encode())
    model.step(f"told anew: {event.event_type}", lambda: model.accept(copy))


def fire_too_early(model: Model, timer: tuple[str, int]) -> None:
    """What it waits for is later than it ever should be."""
    model.is_untimely = True
    model.step(f"too early: timer {timer[0]}", lambda: model.fire(timer))


def go_dark(model: Model, _: object) -> None:
    """Everybody is killed, and comes back when Telnyx has forgotten what was sent."""
    model.is_untimely = True
    model.step("a minute without any worker", lambda: _go_dark(model))


def _go_dark(model: Model) -> None:
    for flight in [flight for flight in model.fleet.flights if flight.reply is None]:
        model.arrive(flight)  # what was written arrives within 10 s (design section 2, promise 3)
    for worker in list(model.fleet.workers):
        model.fleet.kill(worker)
    model.far_side.wait(clock.OUTAGE_S)
    clock.outlast_memory(model.valkey, model.books.call, model.seen)
    model.books.seen = look(model.valkey, model.books.call)  # the one time that a first try is changed
