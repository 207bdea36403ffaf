"""A morning is drawn alike from the same seed, and a kind of call expects what it comes to by itself."""

from collections import Counter

import pytest

from console.demo.calls import mix
from console.demo.morning import morning
from console.demo.scenarios import FOLDER, names, read
from shared.dialplan import load
from simulator.scenario import parse_scenario
from tests.alone import Alone
from tests.processes import ROOT

PLAN = load(ROOT / "dialplan.toml").plan
SCENARIOS = {name: read(name) for name in names()}
KINDS = [kind for scenario in SCENARIOS.values() for kind in scenario.kinds]
OPEN, CLOSED = 1_795_618_800.0, 1_795_654_800.0  # Wednesday 2026-11-25 in Chicago: 09:00 and 19:00


def test_the_same_seed_draws_the_same_morning_and_another_one_another() -> None:
    assert morning(KINDS, 100, seed=1) == morning(KINDS, 100, seed=1)
    assert morning(KINDS, 100, seed=1) != morning(KINDS, 100, seed=2)


def test_a_morning_has_every_kind_by_its_share_and_a_rush_in_the_middle() -> None:
    drawn = morning(KINDS, 300, seed=1)

    assert Counter(one.kind.name for one in drawn) == Counter(one.kind.name for one in mix(KINDS, 300))
    assert [one.at_s for one in drawn] == sorted(one.at_s for one in drawn)
    thirds = Counter(int(3 * one.at_s / (drawn[-1].at_s + 0.01)) for one in drawn)
    assert thirds[1] > 1.2 * max(thirds[0], thirds[2])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_expects_what_a_call_comes_to_by_itself(kind) -> None:
    people = parse_scenario((FOLDER / f"{kind.scenario}.toml").read_text()).callees
    now = CLOSED if kind.expect.rule == "clinic: closed" else OPEN
    alone = Alone(PLAN, people, now)

    if kind.request is None:
        came = alone.ring_in(kind.call)
    else:
        came = alone.ask_for(kind.request.profile, kind.request.to, kind.request.variables)

    assert came.call.step.at == "over"
    assert came.commands == Counter(kind.expect.commands)
    assert not kind.expect.rule or came.call.rule == kind.expect.rule
