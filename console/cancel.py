"""`trunkline calls cancel`: an outbound call that is wanted no more, as `DELETE /calls/ID` cancels it."""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping
from typing import Final

import msgspec
from redis.asyncio import Redis

from console import records, table
from console.asking import NotThere, ask
from shared import placing
from shared.calls import Call
from shared.enqueue import enqueue
from shared.settings import Settings

WITHIN_S: Final = 3.0  # what a worker needs for it is some milliseconds
LOOK_EVERY_S: Final = 0.05


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "id", metavar="ID", help="of the call, as POST /calls, `calls dial` and `calls list` have it"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 when nobody is called by it any more; 1 when it is too late for that, or no worker has taken it yet."""
    settings = Settings.for_console(env, required=("REDIS_URL",))
    try:
        call = ask(settings, lambda client: _cancel(client, arguments.id))
    except NotThere as reason:
        print(f"trunkline calls cancel: {reason}", file=sys.stderr)
        return 1
    told = {"id": call.id, "outcome": call.outcome or None, "doing": _doing(call)}
    print(msgspec.json.encode(told).decode() if arguments.json else table.fields(told))
    return 0 if call.step.at == "over" and call.outcome == "cancelled" else 1


async def _cancel(client: Redis, name: str) -> Call:
    """The call as it is then. Raises NotThere, and Unavailable when the server refused it."""
    call = await _outbound(client, name)
    if call.step.at == "over":
        return call
    await enqueue(client, [placing.cancel_entry(call.id, time.time())])
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end:
        call = await _outbound(client, call.id)
        if call.cancelled:
            break
        await asyncio.sleep(LOOK_EVERY_S)
    return call


async def _outbound(client: Redis, name: str) -> Call:
    kept = (await records.get(client, name)).call
    if kept.record is None:
        raise NotThere(f"the record of call {kept.id} is gone, or of a newer version")
    if kept.record.request is None:
        raise NotThere(f"call {kept.id} is none that we place: only those can be cancelled")
    return kept.record


def _doing(call: Call) -> str:
    if call.step.at == "over":
        return "nobody is called any more" if call.outcome == "cancelled" else "nothing is left to cancel"
    if call.cancelled:
        return "it has been answered and goes on; no further attempt follows"
    return "no worker has taken it yet"
