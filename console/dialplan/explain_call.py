"""`trunkline dialplan explain --call`: the rule that a call got, why no earlier one did, and what it then did."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from redis.asyncio import Redis

from console import records, story, table, timeline
from console.asking import NotThere, ask
from console.dialplan import begun
from console.steps import Step
from console.whatif import clock, told
from console.whatif.beginning import beginning_of
from shared import numbers
from shared.calls import Call
from shared.dialplan import Plan
from shared.settings import Settings
from shared.timeline import Entry
from workers.logic.happened import CallRequested
from workers.logic.routing_rules import Miss, first_match

_COLUMNS: Final = ("at", "what", "leg", "note")


class Explained(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A call of ours has its profile as `rule` and no `from`; a call that nothing was decided about has no rule.

    `why` is None where the dialplan that it began under is no longer kept. `steps` are those of `calls show`.
    """

    call: str
    plan: str
    at: datetime | None
    from_: str
    to: str
    rule: str
    why: tuple[Miss, ...] | None
    steps: list[Step]


class Kept(NamedTuple):
    """What there is to explain it by."""

    record: Call
    entries: list[Entry | None]
    plan: Plan | None


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0, or 1 when there is no such call. Raises ConfigError, Unavailable."""
    settings = Settings.for_console(env, required=("REDIS_URL",))
    try:
        kept = ask(settings, lambda client: _find(client, arguments.call))
    except NotThere as reason:
        print(reason, file=sys.stderr)
        return 1
    explained = explain(kept, str if arguments.unmask else numbers.masked)
    if arguments.json:
        print(msgspec.json.encode(explained).decode())
    else:
        zone = ZoneInfo(kept.plan.timezone if kept.plan else "UTC")
        print("\n".join(_lines(explained, zone)))
    return 0


async def _find(client: Redis, name: str) -> Kept:
    """Raises NotThere."""
    whole = await records.get(client, name)
    record = whole.call.record
    if record is None:
        raise NotThere(f"the record is gone, or of another version, of call {name!r}")
    return Kept(record, whole.entries, await begun.plan_of(client, record.plan))


def explain(kept: Kept, show: Callable[[str], str]) -> Explained:
    """`show` masks a number, or does not."""
    began = beginning_of(kept.record, kept.entries)
    steps = timeline.read(kept.entries, show).steps
    call, plan = kept.record.id, kept.record.plan
    if began is None:
        return Explained(call, plan, None, "", "", "", (), steps)
    asked = began.looked_at
    why: tuple[Miss, ...] | None = ()
    if not isinstance(began.event, CallRequested):
        why = first_match(kept.plan, asked).why if kept.plan else None
    at = datetime.fromtimestamp(asked.at, UTC)
    return Explained(call, plan, at, show(asked.from_), show(asked.to), began.rule, why, steps)


def why_lines(explained: Explained) -> Iterator[str]:
    """The rules in lines, down to the one that took the call."""
    if not explained.rule:
        yield "no rule has taken it"
    elif explained.why is None:
        yield f"yes  {explained.rule}"
        yield "why no earlier rule took it is not known: that dialplan is no longer kept"
    else:
        yield from told.rules(explained.why, explained.rule)


def _lines(explained: Explained, zone: ZoneInfo) -> Iterator[str]:
    yield f"call {explained.call}, begun under dialplan {explained.plan}"
    if explained.at is not None:
        who = f"{explained.from_} calls {explained.to}" if explained.from_ else f"we call {explained.to}"
        yield table.text(f"{who} on {clock.told(explained.at, zone)}")
    yield ""
    yield from why_lines(explained)
    if explained.steps:
        yield ""
        began = min(step.at for step in explained.steps)
        yield table.rows([story.step_row(step, began) for step in explained.steps], _COLUMNS)
