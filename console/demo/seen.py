"""Reads what there is when the calls are over: at the stand-in, in Valkey, among the recordings."""

import asyncio
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from redis.asyncio import Redis

from console import audit
from console.demo.play import Player
from console.demo.report import Ledger, Played, Seen
from shared import queues, timeline
from shared.timeline import CommandEntry, EventEntry


async def look(player: Player, played: list[Played], seconds: float) -> Seen:
    """Everything that the report is made of. Raises redis.exceptions.RedisError, httpx.HTTPError."""
    ledger = await player.ask("ledger")
    return Seen(
        played=played,
        ledger=ledger,
        legs=await player.ask("legs"),
        webhooks=await player.ask("webhooks"),
        live_legs=(await player.ask("idle"))["live_legs"],
        account=await audit.take(player.redis),
        latencies_s=await _latencies(player.redis, ledger),
        archived=await asyncio.to_thread(_whole_recordings, player.where.recordings),
        seconds=seconds,
    )


async def _latencies(client: Redis, ledger: Ledger) -> list[float]:
    """From a webhook's receipt to the first arrival of a command that it caused, in seconds."""
    arrived: dict[str, float] = {}
    for entry in ledger:
        arrived.setdefault(entry["command_id"], entry["at"])
    spans = []
    calls: list[bytes] = await client.zrange(queues.CALLS, 0, -1)  # type: ignore[assignment] # no scores asked
    for call_id in calls:
        received = 0.0
        entries: list[bytes] = await client.lrange(queues.timeline_key(call_id.decode()), 0, -1)  # type: ignore[assignment] # bytes: nothing is decoded
        for told in map(timeline.decode, entries):
            if isinstance(told, CommandEntry):
                if received and not told.delay_s and told.command_id in arrived:
                    spans.append(arrived[told.command_id] - received)
            else:
                received = told.received if isinstance(told, EventEntry) and told.raw else 0.0
    return spans


def _whole_recordings(folder: Path) -> Counter[str]:
    """Archived files whose bytes are those that their metadata names, by call."""
    good: Counter[str] = Counter()
    for described in folder.glob("*.json"):
        told = msgspec.json.decode(described.read_bytes(), type=dict[str, Any])
        file = described.with_suffix(f".{told['format']}")
        good[told["call"]] += file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == told["sha256"]
    return good
