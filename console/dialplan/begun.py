"""What recorded calls began with, and under which dialplans, as Valkey keeps it."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from redis.asyncio import Redis

from console import records
from console.summary import Kept
from console.whatif.beginning import Began, beginning_of, first_commands
from console.whatif.follows import Command
from shared import dialplan, queues
from shared.dialplan import Plan
from shared.errors import DialplanError

BATCH: Final = 25  # calls read in one round trip
HEAD: Final = 12  # entries that are read of each; of a call that began later the rest is read as well

NEVER_ROUTED: Final = "never routed"
TIMELINE_GONE: Final = "timeline gone"
PLAN_GONE: Final = "dialplan gone"
RECORD_UNREADABLE: Final = "record unreadable"


class Beginning(NamedTuple):
    """How a call began, or why that is not known. `commands` are the first that it got; None: it got none."""

    kept: Kept
    began: Began | None = None
    commands: tuple[Command, ...] | None = None
    why_not: str = ""


async def beginnings(client: Redis, since: float) -> AsyncIterator[Beginning]:
    """Every call that began at or after `since` (Unix seconds), the newest first; some at a time are held."""
    batch: list[Kept] = []
    async for kept in records.newest(client, since):
        batch.append(kept)
        if len(batch) == BATCH:
            for beginning in await _read(client, batch):
                yield beginning
            batch = []
    for beginning in await _read(client, batch):
        yield beginning


async def plan_of(client: Redis, plan_hash: str) -> Plan | None:
    """None for one that is no longer kept, or that this version cannot read."""
    text = await records.plan_text(client, plan_hash)
    try:
        return None if text is None else dialplan.parse(text, f"dialplan {plan_hash}")
    except DialplanError:
        return None


async def _read(client: Redis, batch: Sequence[Kept]) -> list[Beginning]:
    pipe = client.pipeline(transaction=False)
    for kept in batch:
        pipe.lrange(queues.timeline_key(kept.id), 0, HEAD - 1)
    heads = await pipe.execute()
    return [await _beginning(client, kept, head) for kept, head in zip(batch, heads, strict=True)]


async def _beginning(client: Redis, kept: Kept, head: list[bytes]) -> Beginning:
    if not head:
        return Beginning(kept, why_not=TIMELINE_GONE)
    if kept.record is None:
        return Beginning(kept, why_not=RECORD_UNREADABLE)
    entries = [records.entry_of(entry) for entry in head]
    began, commands = beginning_of(kept.record, entries), first_commands(entries)
    if (began is None or commands is None) and len(head) == HEAD:
        rest: list[bytes] = await client.lrange(queues.timeline_key(kept.id), HEAD, -1)  # type: ignore[assignment] # bytes: nothing is decoded
        entries += map(records.entry_of, rest)
        began, commands = beginning_of(kept.record, entries), first_commands(entries)
    return Beginning(kept, began, commands, "" if began else NEVER_ROUTED)
