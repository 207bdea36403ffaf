"""Two workers on one call: whatever they do in whatever order, and whoever dies meanwhile, the promises hold.

By lot, over whole calls and with every trouble there is (longer with `--hypothesis-profile long`); and for two
events at once in every order that there is.
"""

import pytest
import redis
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from structlog.testing import capture_logs

from tests.integration.workers import model_troubles as troubles
from tests.integration.workers.model import Model
from tests.integration.workers.model_merges import every_run
from tests.integration.workers.model_races import RACES, hand_out
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

    def __init__(self, start):
        super().__init__()
        self._start = start

    @initialize(name=st.sampled_from(sorted(SCRIPTS)))
    def begin(self, name):
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
                self.model.check_end()
        finally:
            note("\n".join(self.model.story))
            self.model.fleet.loop.end()


@pytest.mark.parametrize("name", SCRIPTS)
def test_one_thing_after_the_other_has_the_effects_of_the_script(start, name):
    with start(name) as model:
        model.run_to_quiet()

        model.check_end()
        assert sorted(model.far_side.effects()) == sorted(SCRIPTS[name].effects)


def test_whatever_two_workers_do_to_one_call_the_promises_hold(start):
    most = settings().max_examples * 7 // 10  # a call takes 60 ms, and the suite has to stay quick
    run_state_machine_as_test(
        lambda: OneCall(start),
        settings=settings(max_examples=most, stateful_step_count=15, database=None, print_blob=True),
    )


@pytest.mark.parametrize("race", RACES)
def test_two_things_at_once_end_well_in_every_order_of_their_steps(start, race):
    name, happen, may_kill = RACES[race]

    def begin():
        model = start(name)
        happen(model)
        hand_out(model)
        return model

    ends = []
    for run in every_run(begin, may_kill):
        run.model.check_effects()
        ends.append((run.model.seen.pending, run.model.seen.outbox))

    assert len(ends) > 10
    assert [end for end in ends if end != (0, {})] == []


FATES = {  # of one try of a command: whether it arrives, and what happens then
    "is answered": (
        True,
        lambda model, flight: model.step("is answered", lambda: model.answer(flight, flight.reply)),
    ),
    "is lost": (False, troubles.lose),
    "is refused for now": (False, troubles.refuse),
    "is denied": (False, troubles.deny),
    "is performed, its answer lost": (True, troubles.lose),
    "is performed, its sender killed": (
        True,
        lambda model, flight: troubles.crash(model, model.fleet.sender(flight)),
    ),
    "is performed and forgotten": (True, troubles.go_dark),
}


@pytest.mark.parametrize("verb", ["answer", "transfer"])
@pytest.mark.parametrize("first", FATES)
def test_a_command_has_one_effect_whatever_becomes_of_two_of_its_tries(start, first, verb):
    for second in FATES.values():
        with start("overflow") as model:
            for arrives, become in (FATES[first], second):
                model.run_until(lambda: model.fleet.under_way(verb))
                for flight in model.fleet.under_way(verb):
                    if arrives:
                        model.step("arrives", lambda flight=flight: model.arrive(flight))
                    become(model, flight)
            model.run_to_quiet()

            model.check_end()
