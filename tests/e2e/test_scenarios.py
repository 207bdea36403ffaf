"""Every call of every scenario file through real processes: each comes out as its kind expects, faults or none."""

import asyncio

import pytest

from console.demo import CHAOS
from console.demo.calls import mix, taken_otherwise
from console.demo.play import Player
from console.demo.report import promises, wrong
from console.demo.seen import look
from shared.dialplan import load
from tests.e2e.scenario_calls import CLOSED, KINDS, OPEN, SCENARIOS, example, where
from tests.e2e.stack import ALL, CONNECTION

SPEED = "8"  # of the stand-in, so that nothing is waited for longer than decide_within_secs


async def played(stack, plan):
    async with Player(where(stack), plan, show=str) as player:  # shown to nobody
        calls = await player.play(SCENARIOS, mix(KINDS, len(KINDS)))
        return await look(player, calls, seconds=0.0)


@pytest.mark.parametrize(
    ("hours", "faults"), [(OPEN, ""), (CLOSED, CHAOS)], ids=["open and nothing wrong", "closed and much wrong"]
)
def test_every_call_of_every_scenario_comes_out_right(own_stack, tmp_path, hours, faults):
    path = example(tmp_path, hours)
    plan = load(path).plan
    stack = own_stack("--speed", SPEED, "--chaos", faults, "--seed", "7", dialplan=path).start(*ALL)

    seen = asyncio.run(played(stack, plan))

    at_this_hour = [kind for kind in KINDS if not taken_otherwise(plan, kind, CONNECTION, 0.0)]
    assert [one.kind for one in seen.played] == at_this_hour
    assert wrong(seen) == []
    assert [promise.text for promise in promises(seen) if not promise.held] == []
    assert bool({entry["fault"] for entry in seen.ledger} - {None}) is bool(faults)
