"""A whole morning: hundreds of calls of every kind at once, with faults, come to what each comes to by itself."""

import asyncio
from collections import Counter

from console.demo import CHAOS
from console.demo.morning import morning
from console.demo.play import Player
from console.demo.report import promises
from console.demo.seen import look
from shared.dialplan import load
from tests.e2e.scenario_calls import OPEN, SCENARIOS, WHILE_OPEN, by_itself, described, example, where
from tests.e2e.stack import ALL

CALLS = 240
SEED = 7
SPEED = "4"  # of the people: with patience enough for hundreds of calls on a busy machine


def test_a_morning_with_faults_comes_to_what_its_calls_come_to_one_by_one(own_stack, tmp_path):
    path = example(tmp_path, OPEN)
    plan = load(path).plan
    placements = morning(WHILE_OPEN, CALLS, SEED)
    reference = Counter(by_itself(plan, placement.kind) for placement in placements)
    stack = own_stack("--speed", SPEED, "--chaos", CHAOS, "--seed", str(SEED), dialplan=path)
    stack.start(*ALL, "routing", "machine_detection")

    async def play():
        async with Player(where(stack), plan, show=str) as player:
            played = await player.play(SCENARIOS, placements)
            return await look(player, played, seconds=0.0)

    seen = asyncio.run(play())

    assert Counter(map(described, stack.books.calls())) == reference
    assert reference.total() == CALLS
    broken = [promise.text for promise in promises(seen) if not promise.held]
    assert [text for text in broken if not text.startswith("every call did what its dialplan says")] == []
    assert {entry["fault"] for entry in seen.ledger} > {None}
