"""Two workers on one call: whatever they do in whatever order, and whoever dies meanwhile, the promises hold.

By lot, over whole calls and with every trouble there is (longer with `--hypothesis-profile long`); and for two
events at once in every order that there is.
"""

from collections import Counter
from functools import cache

import pytest
import redis
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from structlog.testing import capture_logs

from tests.integration.workers import model_troubles as troubles
from tests.integration.workers.model import Model
from tests.integration.workers.model_merges import every_run
from tests.integration.workers.model_scripts import SCRIPTS
from tests.processes import embedded_valkey

ANY = st.integers(0, 23)  # one of those that there are, counted round
MOVES = st.lists(ANY, min_size=1, max_size=20)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Start the model of a script, on a server that writes nothing to its disk: nothing here has to survive it."""
    with embedded_valkey(tmp_path_factory.mktemp("model"), appendonly="no") as server:
        client = redis.Redis.from_url(server.connection_url)
        with capture_logs() as logs:
            yield lambda name: Model(client, SCRIPTS[name], logs)
        client.close()


@pytest.fixture(scope="module")
def plain(start):
    """The effects of a script when one thing happens after the other."""

    @cache
    def effects(name):
        model = start(name)
        model.run_to_quiet()
        model.fleet.loop.end()
        return Counter(model.far_side.effects())

    return effects


def trouble(cause, there_are):
    """A rule: things go on for a while, then this happens to one of those that `there_are`, if there are any."""

    def happen(machine, meanwhile, n):
        machine.go_on(meanwhile)
        victims = there_are(machine.model)
        if victims:
            cause(machine.model, victims[n % len(victims)])

    happen.__name__ = cause.__name__
    return rule(meanwhile=MOVES, n=ANY)(happen)


class OneCall(RuleBasedStateMachine):
    """Every rule lets things go on: Hypothesis leaves out some rules in each example, and the call has to move."""

    def __init__(self, start, plain):
        super().__init__()
        self._start = start
        self._plain = plain

    @initialize(name=st.sampled_from(sorted(SCRIPTS)))
    def begin(self, name):
        self.plain = self._plain(name)
        self.model = self._start(name)

    @rule(meanwhile=MOVES)
    def go_on(self, meanwhile):
        for n in meanwhile:
            if self.model.moves:
                self.model.go_on(self.model.moves[n % len(self.model.moves)])

    crash = trouble(troubles.crash, lambda model: [one for one in model.fleet.workers if one.is_busy])
    lose_lease = trouble(troubles.lose_lease, lambda model: [one for one in model.fleet.workers if one.jobs])
    claim_runs_out = trouble(troubles.claim_runs_out, lambda model: model.fleet.held(model.seen.token))
    sweep = trouble(troubles.sweep, lambda model: [one for one in model.fleet.workers if not one.sweeps])
    nudge = trouble(troubles.nudge, lambda model: [one for one in model.fleet.workers if len(one.drains)])
    fail = trouble(troubles.fail, lambda model: model.fleet.flights)
    lose = trouble(troubles.lose, lambda model: model.fleet.flights)
    refuse = trouble(troubles.refuse, lambda model: model.fleet.flights)
    deny = trouble(troubles.deny, lambda model: model.fleet.flights)
    silence = trouble(troubles.silence, lambda model: model.fleet.flights)
    push_again = trouble(troubles.push_again, lambda model: model.delivered)
    accept_again = trouble(troubles.accept_again, lambda model: model.delivered)
    tell_anew = trouble(troubles.tell_anew, lambda model: model.delivered)
    fire_too_early = trouble(troubles.fire_too_early, lambda model: sorted(model.books.timers))
    go_dark = trouble(troubles.go_dark, lambda model: [model])

    def teardown(self):
        if not hasattr(self, "model"):
            return
        try:
            if self.model.is_whole:
                self.model.run_to_quiet()
                self.model.check_end(self.plain)
        finally:
            note("\n".join(self.model.story))
            self.model.fleet.loop.end()


def test_whatever_two_workers_do_to_one_call_the_promises_hold(start, plain):
    run_state_machine_as_test(
        lambda: OneCall(start, plain),
        settings=settings(stateful_step_count=15, database=None, print_blob=True),
    )


def until(model, part):
    """Let the call go on until this part of it has its turn."""
    while model.moves[0].part != part:
        model.go_on(model.moves[0])


def hangs_up_at_once(model):
    model.go_on(model.moves[-1])


def hangs_up_when_answered(model):
    until(model, "wire")
    model.go_on(model.moves[0])
    model.go_on(model.moves[-1])
    while model.moves[0].part != "webhook":
        model.go_on(model.moves[0])


def is_told_twice(model):
    model.go_on(model.moves[0])
    troubles.push_again(model, model.delivered[0])


def two_members_answer(model):
    while len(model.far_side.webhooks) < 2:
        model.go_on(model.moves[0])
    model.step("call.initiated comes later, twice", model.far_side.webhooks.clear)
    until(model, "far side")
    model.go_on(model.moves[-1])
    model.go_on(model.moves[-1])


def try_fails_when_claim_has_run_out(model):
    until(model, "wire")
    (flight,) = model.fleet.flights
    troubles.fail(model, flight)
    (held,) = model.fleet.held(model.seen.token)
    troubles.claim_runs_out(model, held)
    troubles.sweep(model, model.fleet.workers[1])


def try_fails_when_another_member_answers(model):
    while len(model.fleet.flights) < 2:
        model.go_on(model.moves[0])
    troubles.fail(model, model.fleet.flights[1])
    while not model.fleet.turns.are_waiting("release"):
        model.go_on(model.moves[0])
    model.go_on(model.moves[-1])
    model.step("call.initiated comes later", lambda: model.far_side.webhooks.pop(0))


def hand_out(model):
    """What there is to deliver is delivered, each event to a worker of its own, who has nothing else to do."""
    for move in [move for move in model.moves if move.part == "webhook"]:
        model.go_on(move)
    idle = [worker for worker in model.fleet.workers if not worker.is_busy]
    for worker, one in zip(idle, list(model.fleet.queue), strict=False):
        model.step(f"{worker.name} takes {one.job.id}", lambda worker=worker, one=one: model.take(worker, one))


RACES = {  # script, how it comes to two events at once, whether a worker is killed
    "a caller rings and hangs up": ("early hangup", hangs_up_at_once, True),
    "a caller is answered and hangs up": ("early hangup", hangs_up_when_answered, True),
    "a call is told twice": ("overflow", is_told_twice, True),
    "two members of a group answer": ("ring group", two_members_answer, False),
    "a try fails when its claim has run out": ("overflow", try_fails_when_claim_has_run_out, True),
    "a try fails when another member answers": ("ring group", try_fails_when_another_member_answers, False),
}


@pytest.mark.parametrize("race", RACES)
def test_two_events_at_once_end_well_in_every_order_of_their_steps(start, plain, race):
    name, happen, may_kill = RACES[race]
    allowed = plain(name) + Counter(SCRIPTS[name].beside)

    def begin():
        model = start(name)
        happen(model)
        hand_out(model)
        return model

    ends = [
        (run.model.seen.pending, run.model.seen.outbox, Counter(run.model.far_side.effects()) <= allowed)
        for run in every_run(begin, may_kill)
    ]

    assert len(ends) > 30
    assert [end for end in ends if end != (0, {}, True)] == []
