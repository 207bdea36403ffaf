"""Plays the calls of the scenarios on a fleet of its own, reports, and says whether the promises held.

No account, no root, no Docker: everything runs on this machine's loopback.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import httpx
from redis.exceptions import RedisError

from console.demo import report, scenarios
from console.demo.calls import Placement, taken_otherwise
from console.demo.morning import morning
from console.demo.play import Player, Where
from console.demo.report import Seen
from console.demo.scenarios import Kind, Scenario
from console.demo.seen import look
from console.fleet import CONNECTION, TOKEN, Fleet
from console.options import whole_number
from shared import dialplan
from shared.dialplan import Plan
from shared.errors import ConfigError, Unavailable
from shared.settings import Settings

CALLS: Final = 120
CHAOS: Final = "dup,reorder,drop,5xx,slow,silence,reset"
SPEED: Final = 3.0  # of the people and of Telnyx's retries; nothing of Trunkline is sped up
WRONG_SHOWN: Final = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--calls", type=whole_number(1, 10_000), default=CALLS, help="how many (default %(default)s)"
    )
    parser.add_argument(
        "--chaos",
        default=CHAOS,
        help="what goes wrong: dup,reorder,drop,5xx,slow,silence,reset (default %(default)s); '' for nothing",
    )
    parser.add_argument("--seed", type=int, default=1, help="of what goes wrong (default %(default)s)")
    parser.add_argument(
        "--scenario",
        action="append",
        choices=scenarios.names(),
        help="only these, each by its own --scenario",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Play, report, and return 0 when every promise held, else 1."""
    own = {name: value for name, value in env.items() if name != "REDIS_URL"}  # a demo never touches your data
    plan = dialplan.load(Settings.for_console(own).dialplan).plan
    chosen = [scenarios.read(name) for name in arguments.scenario or scenarios.names()]
    now = time.time()
    kinds = [
        (kind, taken_otherwise(plan, kind, CONNECTION, now)) for scenario in chosen for kind in scenario.kinds
    ]
    placements = _placed([kind for kind, instead in kinds if not instead], arguments.calls, arguments.seed)
    options = ["--chaos", arguments.chaos, "--seed", str(arguments.seed), "--speed", str(SPEED)]
    print("Starting Valkey, the Telnyx stand-in, the web process and three workers …", flush=True)
    with Fleet(own, options) as fleet:
        print(f"Playing {len(placements)} calls; going wrong: {arguments.chaos or 'nothing'}", flush=True)
        seen = _seen(fleet, plan, chosen, placements)
    print(f"\n{report.table(kinds, _hours(plan, now), seen)}\n")
    return _verdict(seen)


def _placed(due: list[Kind], calls: int, seed: int) -> list[Placement]:
    if not due:
        raise ConfigError("none of these calls can be played now: the dialplan has other rules for them")
    return morning(due, calls, seed)


def _seen(fleet: Fleet, plan: Plan, chosen: list[Scenario], placements: list[Placement]) -> Seen:
    """Raises Unavailable."""
    try:
        return asyncio.run(_played(fleet, plan, chosen, placements))
    except (RedisError, httpx.HTTPError) as reason:
        told = f"the demo's own processes do not answer ({type(reason).__name__}): is this machine very busy?"
        raise Unavailable(told) from None


async def _played(fleet: Fleet, plan: Plan, chosen: list[Scenario], placements: list[Placement]) -> Seen:
    where = Where(fleet.control, fleet.web, fleet.redis_url, fleet.recordings, TOKEN, CONNECTION)
    began = time.monotonic()
    async with Player(where, plan, Progress().show) as player:
        played = await player.play(chosen, placements)
        return await look(player, played, time.monotonic() - began)


class Progress:
    """Four times a second on a terminal, one line a second elsewhere."""

    def __init__(self) -> None:
        self._shown = 0.0

    def show(self, line: str) -> None:
        if sys.stdout.isatty():
            print(f"\r{line}\033[K", end="", flush=True)
        elif time.monotonic() - self._shown >= 1:
            self._shown = time.monotonic()
            print(line, flush=True)


def _hours(plan: Plan, at: float) -> str:
    """Which schedules were open: the rules that ask for one take other calls at another hour."""
    local = datetime.fromtimestamp(at, ZoneInfo(plan.timezone))
    told = (f"{name} {'open' if dialplan.is_open(plan, name, at) else 'closed'}" for name in plan.schedules)
    return f"{', '.join(told) or 'none'} ({local:%a %H:%M}, {plan.timezone})"


def _verdict(seen: Seen) -> int:
    held = report.promises(seen)
    for promise in held:
        print(f"{'held  ' if promise.held else 'BROKEN'}  {promise.text}")
    for line in report.wrong(seen)[:WRONG_SHOWN]:
        print(f"WRONG   {line}")
    return 0 if all(promise.held for promise in held) else 1
