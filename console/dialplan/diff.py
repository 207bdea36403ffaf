"""`trunkline dialplan diff`: which calls of the last days would go elsewhere under another dialplan."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from redis.asyncio import Redis

from console import table
from console.asking import ask
from console.dialplan import begun
from console.dialplan.begun import Beginning
from console.options import span_s
from console.whatif.beginning import Began
from console.whatif.change import Change, Counts, lines, sentence
from console.whatif.compare import Difference, difference, really_went, went
from shared import dialplan, hooks, numbers
from shared.dialplan import Plan
from shared.errors import Unavailable
from shared.settings import Settings
from workers.logic.decision import Around

_since = span_s("is no span such as 90m, 12h or 7d")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", type=_since, default="7d", metavar="SPAN", help="such as 90m, 12h (default: 7d)"
    )
    parser.add_argument("--against", required=True, type=Path, metavar="FILE", help="the other dialplan")
    parser.add_argument("--unmask", action="store_true", help="show numbers whole")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 when no call would go elsewhere, 1 when some would, 2 when it cannot be said. Raises ConfigError."""
    settings = Settings.for_console(env, required=("REDIS_URL",))
    plan = dialplan.load(arguments.against).plan
    found = hooks.load((name for _, name in dialplan.hook_names(plan)), arguments.against.parent)
    for name, fault in found.faults.items():
        print(f"hook {name} cannot be loaded, so its calls go to [default]: {fault}", file=sys.stderr)
    comparing = Comparing(plan, Around(hooks=found.functions), str if arguments.unmask else numbers.masked)
    told = _Document() if arguments.json else _Lines()
    try:
        counts = ask(settings, lambda client: comparing.all(client, arguments.since, told.change))
    except Unavailable as reason:
        print(reason, file=sys.stderr)
        return 2
    told.end(counts)
    return 1 if counts.elsewhere else 0


class Comparing:
    """One dialplan against what the calls got; each dialplan that they began under is read once."""

    def __init__(self, plan: Plan, around: Around, show: Callable[[str], str]) -> None:
        """`show` masks a number, or does not."""
        self._plan = plan
        self._around = around
        self._show = show
        self._began_under: dict[str, Plan | None] = {}

    async def all(self, client: Redis, since_s: int, tell: Callable[[Change], None]) -> Counts:
        """Walk the calls, and tell of each that would go elsewhere. Raises redis.exceptions.RedisError."""
        now, _ = await client.time()
        looked_at = elsewhere = 0
        not_compared: Counter[str] = Counter()
        async for beginning in begun.beginnings(client, now - since_s):
            looked_at += 1
            change = await self._compare(client, beginning)
            if isinstance(change, str):
                not_compared[change] += 1
            elif change is not None:
                elsewhere += 1
                tell(change)
        return Counts(looked_at, elsewhere, dict(not_compared))

    async def _compare(self, client: Redis, beginning: Beginning) -> Change | str | None:
        """What differs, nothing, or why it cannot be said."""
        began = beginning.began
        if began is None:
            return beginning.why_not
        old_plan = await self._plan_of(client, began.record.plan)
        if old_plan is None:
            return begun.PLAN_GONE
        old = really_went(old_plan, began, beginning.commands)
        new = went(self._plan, began, self._around)
        unlike = difference(old, new, self._show)
        return None if unlike is None else self._change(began, old.rule, new.rule, unlike)

    async def _plan_of(self, client: Redis, plan_hash: str) -> Plan | None:
        if plan_hash not in self._began_under:
            self._began_under[plan_hash] = await begun.plan_of(client, plan_hash)
        return self._began_under[plan_hash]

    def _change(self, began: Began, old_rule: str, new_rule: str, unlike: Difference) -> Change:
        asked = began.looked_at
        at = datetime.fromtimestamp(asked.at, UTC)
        from_, to = self._show(asked.from_) if asked.from_ else "", self._show(asked.to)
        return Change(began.record.id, at, from_, to, old_rule, new_rule, unlike)


class _Lines:
    """Each change as it is found: there may be very many."""

    def change(self, change: Change) -> None:
        print("\n".join(map(table.text, lines(change))))

    def end(self, counts: Counts) -> None:
        print(sentence(counts))


class _Document:
    """The same as one JSON document, `changes` first; cut short where Valkey goes away meanwhile."""

    def __init__(self) -> None:
        self._before = '{"changes":['

    def change(self, change: Change) -> None:
        print(f"{self._before}{msgspec.json.encode(change).decode()}", end="")
        self._before = ",\n"

    def end(self, counts: Counts) -> None:
        opening = "" if counts.elsewhere else self._before
        print(f"{opening}],{msgspec.json.encode(counts).decode().removeprefix('{')}")
