"""`trunkline reconcile`: what a worker does every minute, now and as far back as is asked for."""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from console import table
from console.asking import ask
from console.options import span_s
from shared import commands, dialplan
from shared.errors import TelnyxError
from shared.reconcile import Limits, Report, Unknown, reconcile
from shared.settings import Settings
from shared.telnyx import Api, Telnyx

LIMITS: Final = Limits(events=1_000_000, legs=1_000_000, calls=1_000_000, within_s=600.0)
DAY_S: Final = 24 * 3600.0  # Telnyx's list of events goes back no further (docs: list-call-events)

_since = span_s("is not a time such as 30m or 2h, up to 24h", DAY_S)
_ROWS: Final = {
    "closed": ("call", "leg", "at"),
    "fed": ("event", "call", "leg", "at"),
    "missed": ("from", "to", "leg", "at"),
    "unknown": ("call_control_id", "leg", "connection", "duration"),
}
_HEADINGS: Final = {
    "closed": "ended at Telnyx, and now here",
    "fed": "events that never came, and are applied now",
    "missed": "calls that were never offered to us: too late to route them",
    "unknown": "up at Telnyx, and no call of ours",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        type=_since,
        default="2h",
        metavar="TIME",
        help="how far back events are read: 30m, 2h (default), up to 24h",
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--hangup-unknown", action="store_true", help="offer to hang up each leg that is no call of ours"
    )
    parser.add_argument("--yes", action="store_true", help="with --hangup-unknown: hang up without asking")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 when all is well or mended; 1 when unknown legs are left, or Telnyx could not be read in full."""
    settings = Settings.for_console(env, required=("REDIS_URL", "TELNYX_API_KEY"))
    plan = dialplan.load(settings.dialplan).plan
    ours = dialplan.connections(plan) | ({settings.connection_id} - {""})

    async def compare(client: Redis) -> Report:
        telnyx = Telnyx(settings.telnyx_base_url, settings.telnyx_api_key)
        try:
            seconds, microseconds = await client.time()
            now = seconds + microseconds / 1e6
            return await reconcile(client, Api(telnyx), ours, now, now - arguments.since, LIMITS)
        finally:
            await telnyx.aclose()

    report = ask(settings, compare)
    hung_up = asyncio.run(_hang_up(settings, report, arguments)) if arguments.hangup_unknown else {}
    if arguments.json:
        print(msgspec.json.encode(msgspec.to_builtins(report) | {"hung_up": hung_up}).decode())
    else:
        print(_page(report, hung_up))
    left = [leg for leg in report.unknown if hung_up.get(leg.call_control_id) != "done"]
    return 1 if left or report.troubles else 0


async def _hang_up(settings: Settings, report: Report, arguments: argparse.Namespace) -> dict[str, str]:
    """By call_control_id: `done`, or why not. Nothing is asked, and nothing hung up, but for a person's yes."""
    telnyx = Telnyx(settings.telnyx_base_url, settings.telnyx_api_key)
    told: dict[str, str] = {}
    try:
        for leg in report.unknown:
            if not arguments.yes and not _agreed(leg):
                told[leg.call_control_id] = "left alone"
                continue
            try:
                await Api(telnyx).hangup(leg.call_control_id, commands.Hangup())
                told[leg.call_control_id] = "done"
            except TelnyxError as reason:
                told[leg.call_control_id] = f"Telnyx refused: {reason}"
    finally:
        await telnyx.aclose()
    return told


def _agreed(leg: Unknown) -> bool:
    """Asked on standard error, so that standard output stays JSON; silence is a no."""
    print(
        f"hang up {table.text(leg.call_control_id)}, up for {leg.duration} s? [y/N] ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _page(report: Report, hung_up: Mapping[str, str]) -> str:
    told = {name: [_row(item) for item in msgspec.to_builtins(getattr(report, name))] for name in _ROWS}
    counts = {name: len(told[name]) for name in _ROWS} | {"suspects": report.suspects}
    parts = [table.fields(counts)]
    parts += [
        f"{_HEADINGS[name]}\n{table.rows(told[name], columns)}" for name, columns in _ROWS.items() if told[name]
    ]
    if report.suspects:
        parts.append("suspects: not listed by Telnyx; ask again in 30 s, or leave it to the workers")
    parts += [f"hangup of {table.text(leg)}: {what}" for leg, what in hung_up.items()]
    parts += [f"incomplete: {trouble}" for trouble in report.troubles]
    return "\n\n".join(parts)


def _row(item: dict[str, Any]) -> dict[str, Any]:
    """With its time as people read it."""
    if "at" not in item:
        return item
    return item | {"at": datetime.fromtimestamp(item["at"], UTC).isoformat(timespec="seconds")}
