"""The calls of all scenario files, what each comes to by itself, and the example dialplan at other hours."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from console.demo.play import Where
from console.demo.scenarios import FOLDER, Kind, names, read
from shared.calls import Call
from shared.dialplan import Plan
from simulator.scenario import Habits, parse_scenario
from tests.alone import Alone, came_to
from tests.e2e.stack import CONNECTION, EXAMPLE, TOKEN, Stack

SCENARIOS: Final = [read(name) for name in names()]
KINDS: Final = [kind for scenario in SCENARIOS for kind in scenario.kinds]
# Not the caller who is gone at once: a hangup that is told first leaves nothing to route, and so no rule.
_GONE_AT_ONCE: Final = "clinic: gone as soon as it rings"
WHILE_OPEN: Final = [kind for kind in KINDS if kind.expect.rule != "clinic: closed" and kind.name != _GONE_AT_ONCE]

OPEN, CLOSED = 'open = { mon-sun = ["00:00-24:00"] }', "open = {}"
_HOURS: Final = re.compile(r"(?<=\[schedules\.clinic\]\n)open = .*\nclosed = .*")
_SOME_TUESDAY: Final = 1_795_600_800.0  # 2026-11-24


def example(folder: Path, hours: str) -> Path:
    """The example dialplan at other hours, so that the same rules take its calls whatever the clock says."""
    text, times = _HOURS.subn(hours, EXAMPLE.read_text())
    assert times == 1
    path = folder / "dialplan.toml"
    path.write_text(text)
    return path


def where(stack: Stack) -> Where:
    """For whoever plays calls."""
    web = str(stack.http.base_url)
    return Where(stack.sim.control, web, stack.redis_url, stack.recordings, TOKEN, CONNECTION)


def by_itself(plan: Plan, kind: Kind) -> tuple[str, str]:
    """What a call comes to with one worker, one clock and nothing wrong, by a dialplan that is always open."""
    alone = Alone(plan, _people(), _SOME_TUESDAY)
    if kind.request is None:
        return described(alone.ring_in(kind.call).call)
    return described(alone.ask_for(kind.request.profile, kind.request.to, kind.request.variables).call)


def described(call: Call) -> tuple[str, str]:
    """Its rule or profile, and what it came to."""
    return call.request.profile if call.request else call.rule, came_to(call)


@cache
def _people() -> dict[str, Habits]:
    files = (FOLDER / f"{name}.toml" for name in names())
    return {number: one for file in files for number, one in parse_scenario(file.read_text()).callees.items()}
