"""A whole morning: hundreds of calls of every kind at once, with faults, come to what each comes to by itself."""

import asyncio
from collections import Counter, defaultdict

from console import demo_report, demo_scenarios, demo_seen
from console.demo import CHAOS
from console.demo_play import Player
from console.morning import morning
from shared import calls, queues
from shared.dialplan import load
from simulator.scenario import parse_scenario
from tests.alone import Alone, came_to
from tests.e2e.stack import ALL
from tests.e2e.test_scenarios import OPEN, example, where

CALLS = 240
SEED = 7
SPEED = "4"  # of the people: with patience enough for hundreds of calls on a busy machine
SCENARIOS = [demo_scenarios.read(name) for name in demo_scenarios.names()]
# Not the caller who is gone at once: a hangup that is told first leaves nothing to route, and so no rule.
NOT_HERE = {"clinic: gone as soon as it rings"}
KINDS = [
    kind
    for scenario in SCENARIOS
    for kind in scenario.kinds
    if kind.expect.rule != "clinic: closed" and kind.name not in NOT_HERE
]
TUESDAY = 1_795_600_800.0  # 2026-11-24; the schedule of this test is open at any time

Tally = dict[str, Counter[str]]  # what calls came to, by rule or profile


def people():
    files = (demo_scenarios.FOLDER / f"{name}.toml" for name in demo_scenarios.names())
    return {number: one for file in files for number, one in parse_scenario(file.read_text()).callees.items()}


def by_itself(plan, kind):
    """The reference: one call, one clock, nothing beside it."""
    alone = Alone(plan, people(), TUESDAY)
    if kind.request is None:
        return alone.ring_in(kind.call).call
    return alone.ask_for(kind.request.profile, kind.request.to, kind.request.variables).call


def where_it_went(call):
    return call.request.profile if call.request else call.rule


def tally(ended) -> Tally:
    counted: Tally = defaultdict(Counter)
    for call in ended:
        counted[where_it_went(call)][came_to(call)] += 1
    return dict(counted)


def records(client):
    keys = (queues.call_key(call.decode()) for call in client.zrange(queues.CALLS, 0, -1))
    return [calls.decode(client.hget(key, "record")) for key in keys]


def test_a_morning_with_faults_comes_to_what_its_calls_come_to_one_by_one(own_stack, tmp_path):
    path = example(tmp_path, OPEN)
    plan = load(path).plan
    placements = morning(KINDS, CALLS, SEED)
    reference = tally(by_itself(plan, placement.kind) for placement in placements)
    stack = own_stack("--speed", SPEED, "--chaos", CHAOS, "--seed", str(SEED), dialplan=path)
    stack.start(*ALL, "routing", "machine_detection")

    async def play():
        async with Player(where(stack), plan, show=str) as player:
            played = await player.play(SCENARIOS, placements)
            return await demo_seen.look(player, played, seconds=0.0)

    seen = asyncio.run(play())

    assert tally(records(stack.redis)) == reference
    assert sum(counted.total() for counted in reference.values()) == CALLS
    broken = [promise.text for promise in demo_report.promises(seen) if not promise.held]
    assert [text for text in broken if not text.startswith("every call did what its dialplan says")] == []
    assert {entry["fault"] for entry in seen.ledger} > {None}
