"""Every call of every scenario file through real processes: each comes out as its kind expects, faults or none."""

import asyncio
import re

import pytest

from console import demo_calls, demo_report, demo_scenarios, demo_seen
from console.demo import CHAOS
from console.demo_play import Player, Where
from shared.dialplan import load
from tests.e2e.stack import ALL, CONNECTION, EXAMPLE, TOKEN

SPEED = "8"  # of the stand-in, so that nothing is waited for longer than decide_within_secs
HOURS = re.compile(r"(?<=\[schedules\.clinic\]\n)open = .*\nclosed = .*")
OPEN, CLOSED = 'open = { mon-sun = ["00:00-24:00"] }', "open = {}"
SCENARIOS = [demo_scenarios.read(name) for name in demo_scenarios.names()]
KINDS = [kind for scenario in SCENARIOS for kind in scenario.kinds]


def example(folder, hours):
    """The example dialplan at other hours, so that the same rules take its calls whatever the clock says."""
    text, times = HOURS.subn(hours, EXAMPLE.read_text())
    assert times == 1
    path = folder / "dialplan.toml"
    path.write_text(text)
    return path


def where(stack):
    web = str(stack.http.base_url)
    return Where(stack.sim.control, web, stack.redis_url, stack.recordings, TOKEN, CONNECTION)


async def played(stack, plan):
    async with Player(where(stack), plan, show=str) as player:  # shown to nobody
        calls = await player.play(SCENARIOS, demo_calls.mix(KINDS, len(KINDS)))
        return await demo_seen.look(player, calls, seconds=0.0)


@pytest.mark.parametrize(
    ("hours", "faults"), [(OPEN, ""), (CLOSED, CHAOS)], ids=["open and nothing wrong", "closed and much wrong"]
)
def test_every_call_of_every_scenario_comes_out_right(own_stack, tmp_path, hours, faults):
    path = example(tmp_path, hours)
    plan = load(path).plan
    stack = own_stack("--speed", SPEED, "--chaos", faults, "--seed", "7", dialplan=path).start(*ALL)

    seen = asyncio.run(played(stack, plan))

    at_this_hour = [kind for kind in KINDS if not demo_calls.taken_otherwise(plan, kind, CONNECTION, 0.0)]
    assert [one.kind for one in seen.played] == at_this_hour
    assert demo_report.wrong(seen) == []
    assert [promise.text for promise in demo_report.promises(seen) if not promise.held] == []
    assert bool({entry["fault"] for entry in seen.ledger} - {None}) is bool(faults)
