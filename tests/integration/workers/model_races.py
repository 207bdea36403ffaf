"""How it comes to two things at once on one call: each brings a fresh model of its script to that point."""

from collections.abc import Callable
from typing import Final

from tests.integration.workers import model_troubles as troubles
from tests.integration.workers.model import Model


def hangs_up_at_once(model: Model) -> None:
    model.go_on(model.moves[-1])


def hangs_up_when_answered(model: Model) -> None:
    model.run_until(lambda: model.fleet.flights)
    model.go_on(model.moves[0])
    model.go_on(model.moves[-1])
    model.run_until(lambda: model.moves[0].part == "webhook")


def is_told_twice(model: Model) -> None:
    model.go_on(model.moves[0])
    troubles.push_again(model, model.delivered[0])


def two_members_answer(model: Model) -> None:
    model.run_until(lambda: len(model.far_side.webhooks) == 2)
    model.step("call.initiated comes later, twice", model.far_side.webhooks.clear)
    model.run_until(lambda: model.moves[0].part == "far side")
    model.go_on(model.moves[-1])
    model.go_on(model.moves[-1])


def claim_has_run_out_when_a_try_fails(model: Model) -> None:
    model.run_until(lambda: model.fleet.flights)
    troubles.fail(model, model.fleet.flights[0])
    lose_claim(model)


def claim_has_run_out_before_a_try(model: Model) -> None:
    model.run_until(lambda: model.fleet.turns.are_waiting("stamp"))
    lose_claim(model)


def another_member_answers_when_a_try_fails(model: Model) -> None:
    model.run_until(lambda: len(model.fleet.flights) == 2)
    troubles.fail(model, model.fleet.flights[1])
    model.run_until(lambda: model.fleet.turns.are_waiting("release"))
    model.go_on(model.moves[-1])
    model.step("call.initiated comes later", lambda: model.far_side.webhooks.pop(0))


def lose_claim(model: Model) -> None:
    """Its holder goes on as if it had it, and another one looks for calls."""
    (held,) = model.fleet.held(model.seen.token)
    troubles.claim_runs_out(model, held)
    troubles.sweep(model, model.fleet.workers[1])


def hand_out(model: Model) -> None:
    """What there is to deliver is delivered, each event to a worker of its own, who has nothing else to do."""
    for move in [move for move in model.moves if move.part == "webhook"]:
        model.go_on(move)
    idle = [worker for worker in model.fleet.workers if not worker.is_busy]
    for worker, one in zip(idle, list(model.fleet.queue), strict=False):
        model.step(f"{worker.name} takes {one.job.id}", lambda worker=worker, one=one: model.take(worker, one))


# Its script, what happens, and whether a worker is killed in each of its orders.
RACES: Final[dict[str, tuple[str, Callable[[Model], None], bool]]] = {
    "a caller rings and hangs up": ("early hangup", hangs_up_at_once, True),
    "a caller is answered and hangs up": ("early hangup", hangs_up_when_answered, True),
    "a call is told twice": ("overflow", is_told_twice, True),
    "two members of a group answer": ("ring group", two_members_answer, False),
    "a claim has run out when a try fails": ("overflow", claim_has_run_out_when_a_try_fails, True),
    "a claim has run out before a try": ("human", claim_has_run_out_before_a_try, False),
    "another member answers when a try fails": ("ring group", another_member_answers_when_a_try_fails, False),
}
