"""`trunkline demo`: calls of every kind against a Telnyx stand-in, with what goes wrong in real life, and a check.

No account, no root, no Docker: everything runs on this machine's loopback.
"""

import argparse
import asyncio
import hashlib
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from redis.asyncio import Redis

from console import audit, demo_report
from console.demo_calls import CALLEES, WAVES, Kind, mix
from console.demo_report import Played, Seen
from console.fleet import TOKEN, Fleet
from shared import client_state, queues, timeline
from shared.timeline import CommandEntry, EventEntry

CALLS: Final = 86
CHAOS: Final = "dup,reorder,drop,5xx,slow,silence,reset"
SPEED: Final = 3.0  # of the people and of Telnyx's retries; nothing of Trunkline is sped up
WAVE_S: Final = 1.5  # the calls of a wave begin within this
QUIET_WITHIN_S: Final = 60.0


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Play, report, and return 0 when every promise held, else 1."""
    own = {name: value for name, value in env.items() if name != "REDIS_URL"}  # a demo never touches your data
    options = ["--chaos", arguments.chaos, "--seed", str(arguments.seed), "--speed", str(SPEED)]
    print("Starting Valkey, the Telnyx stand-in, the web process and three workers …", flush=True)
    with Fleet(own, options) as fleet:
        print(f"Playing {arguments.calls} calls; going wrong: {arguments.chaos or 'nothing'}", flush=True)
        seen = asyncio.run(Demo(fleet).play(mix(arguments.calls)))
    print(f"\n{demo_report.table(seen)}\n")
    held = demo_report.promises(seen)
    for promise in held:
        print(f"{'held  ' if promise.held else 'BROKEN'}  {promise.text}")
    return 0 if all(promise.held for promise in held) else 1


class Demo:
    """One run against a running fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._redis = Redis.from_url(fleet.redis_url)
        self._http = httpx.AsyncClient(timeout=10.0, trust_env=False)
        self._shown = 0.0

    async def play(self, kinds: list[Kind]) -> Seen:
        """Place the calls wave by wave, wait until everything is quiet, and read what there is."""
        began = time.monotonic()
        played: list[Played] = []
        for wave in WAVES:
            await self._put("callees", CALLEES[wave])
            played += await self._wave([kind for kind in kinds if kind.wave == wave])
            await self._until_quiet(len(played), len(kinds), began)
        seen = await self._see(played, time.monotonic() - began)
        await self._http.aclose()
        await self._redis.aclose()
        return seen

    async def _wave(self, kinds: list[Kind]) -> list[Played]:
        async def place(number: int, kind: Kind) -> Played:
            await asyncio.sleep(WAVE_S * number / max(1, len(kinds)))
            return await (self._place_outbound(kind) if kind.profile else self._ring_in(kind))

        return list(await asyncio.gather(*(place(number, kind) for number, kind in enumerate(kinds))))

    async def _ring_in(self, kind: Kind) -> Played:
        call = {"from": kind.from_, "to": kind.to, "hangs_up_after": kind.hangs_up_after}
        answer = await self._http.post(f"{self._fleet.control}/calls", json=call)
        answer.raise_for_status()
        return Played(kind, answer.json()["call_session_id"])

    async def _place_outbound(self, kind: Kind) -> Played:
        """Ask as an application would; the session is known when the dial has reached the stand-in."""
        body = {"profile": kind.profile, "to": kind.to, "variables": {"name": "Ana", "when": "at noon"}}
        key = f"demo-{time.monotonic_ns()}"
        headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": key}
        answer = await self._http.post(f"{self._fleet.web}/calls", json=body, headers=headers)
        answer.raise_for_status()
        return Played(kind, f"call {answer.json()['id']}")

    async def _until_quiet(self, so_far: int, of: int, began: float) -> None:
        end = time.monotonic() + QUIET_WITHIN_S
        while time.monotonic() < end:
            account = await audit.take(self._redis)
            idle = await self._get("idle")
            self._show(so_far, of, account, time.monotonic() - began)
            if account.quiet and idle["idle"]:
                return
            await asyncio.sleep(0.25)

    def _show(self, so_far: int, of: int, account: audit.Account, seconds: float) -> None:
        """Four times a second on a terminal, one line a second elsewhere."""
        counts = f"{account.applied} applied, {account.pending} pending, {account.duplicates} duplicates"
        line = f"{seconds:5.1f} s  calls {so_far}/{of}  events {counts}"
        if sys.stdout.isatty():
            print(f"\r{line}\033[K", end="", flush=True)
        elif seconds - self._shown >= 1:
            self._shown = seconds
            print(line, flush=True)

    async def _see(self, played: list[Played], seconds: float) -> Seen:
        ledger = await self._get("ledger")
        sessions = _sessions(ledger)
        return Seen(
            played=[call._replace(session=sessions.get(call.session, call.session)) for call in played],
            ledger=ledger,
            webhooks=await self._get("webhooks"),
            live_legs=(await self._get("idle"))["live_legs"],
            account=await audit.take(self._redis),
            latencies_s=await self._latencies(ledger),
            recordings_good=await asyncio.to_thread(_whole_recordings, self._fleet.recordings),
            seconds=seconds,
        )

    async def _latencies(self, ledger: list[dict[str, Any]]) -> list[float]:
        """From a webhook's receipt to the first arrival of the command that it caused, in seconds."""
        arrived: dict[str, float] = {}
        for entry in ledger:
            arrived.setdefault(entry["command_id"], entry["at"])
        spans = []
        calls: list[bytes] = await self._redis.zrange(queues.CALLS, 0, -1)  # type: ignore[assignment] # no scores asked
        for call_id in calls:
            received = 0.0
            entries: list[bytes] = await self._redis.lrange(queues.timeline_key(call_id.decode()), 0, -1)  # type: ignore[assignment] # bytes: nothing is decoded
            for told in map(timeline.decode, entries):
                if isinstance(told, EventEntry):
                    received = told.received if told.raw else 0.0
                elif isinstance(told, CommandEntry) and received and told.command_id in arrived:
                    spans.append(arrived[told.command_id] - received)
        return spans

    async def _get(self, what: str) -> Any:
        answer = await self._http.get(f"{self._fleet.control}/{what}")
        return answer.raise_for_status().json()

    async def _put(self, what: str, body: object) -> None:
        (await self._http.put(f"{self._fleet.control}/{what}", json=body)).raise_for_status()


def _sessions(ledger: list[dict[str, Any]]) -> dict[str, str]:
    """Telnyx's session of each outbound call, by the client_state of its dial."""
    found = {}
    for entry in ledger:
        tag = client_state.read(entry["body"].get("client_state")) if isinstance(entry["body"], dict) else None
        if entry["verb"] == "dial" and tag and entry["session_id"]:
            found[f"call {tag.call}"] = entry["session_id"]
    return found


def _whole_recordings(folder: Path) -> int:
    """Archived files whose bytes are those that their metadata names."""
    good = 0
    for described in folder.glob("*.json"):
        told = msgspec.json.decode(described.read_bytes(), type=dict[str, Any])
        file = described.with_suffix(f".{told['format']}")
        good += file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == told["sha256"]
    return good
