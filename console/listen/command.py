"""`trunkline listen --tunnel CMD --application ID`: point, show, and put back."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from console import table
from console.advice import refusal
from console.listen import door, tunnel
from console.listen.door import Event
from console.listen.pointing import Pointing
from console.listen.tunnel import Tunnel
from console.loopback import loopback
from shared import numbers
from shared.errors import BadInput, ConfigError, TelnyxError
from shared.settings import Settings
from shared.telnyx import Api, Telnyx

Result = TypeVar("Result")

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `trunkline listen`."""
    parser.add_argument(
        "--tunnel",
        required=True,
        metavar="CMD",
        help="what opens a tunnel to {url} or {port}, and prints its address",
    )
    parser.add_argument(
        "--application", required=True, metavar="ID", help="one for development, without live calls"
    )
    parser.add_argument(
        "--forward-to", type=loopback, metavar="URL", help="the web process (default: PORT of this machine)"
    )
    parser.add_argument("--json", action="store_true", help="a line of JSON for each event")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 the old address is back; 1 the tunnel ended, or Telnyx refused; bad input raises ConfigError."""
    settings = Settings.for_console(env, required=("TELNYX_API_KEY",))
    try:
        return asyncio.run(_listen(arguments, settings))
    except BadInput as reason:
        raise ConfigError(f"trunkline listen: {reason}") from None
    except TelnyxError as reason:
        print(refusal(reason), file=sys.stderr)
        return 1


async def _listen(arguments: argparse.Namespace, settings: Settings) -> int:
    ending = asyncio.Event()
    for number in _ENDING:
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    telnyx = Telnyx(settings.telnyx_base_url, settings.telnyx_api_key)
    pointing = Pointing(Api(telnyx), arguments.application)
    forward_to = arguments.forward_to or f"http://127.0.0.1:{settings.port}"
    show = _show_json if arguments.json else _show
    try:
        before = await pointing.look()
        async with door.opened(forward_to, show) as ours, tunnel.started(arguments.tunnel, ours.url) as theirs:
            address = await _unless(ending, tunnel.public_address(theirs, ours))
            if address is None:
                return 0
            _say(f"{address} leads to {forward_to}")
            _say(f"it was at {before.webhook_event_url}; by hand: {pointing.by_hand()}")
            return await _pointed(pointing, address, theirs, ending)
    finally:
        await telnyx.aclose()


async def _pointed(pointing: Pointing, address: str, theirs: Tunnel, ending: asyncio.Event) -> int:
    """The application's webhooks come here until the end is asked for, or the tunnel's; then they go back."""
    try:
        await pointing.point(address)
        _say(f"application {pointing.application_id} is pointed here. Ctrl-C puts it back")
        ended = await _unless(ending, theirs.process.wait())
    finally:
        restored = await _restore(pointing)
    if ended is not None:
        _say(f"the tunnel ended: {await theirs.last_words()}")
    return 0 if restored and ended is None else 1


async def _unless(ending: asyncio.Event, waiting: Coroutine[Any, Any, Result]) -> Result | None:
    """What is waited for, or None when the end was asked for before."""
    wanted, stop = asyncio.create_task(waiting), asyncio.create_task(ending.wait())
    try:
        await asyncio.wait({wanted, stop}, return_when=asyncio.FIRST_COMPLETED)
        return wanted.result() if wanted.done() else None
    finally:
        for task in (wanted, stop):
            task.cancel()


async def _restore(pointing: Pointing) -> bool:
    """Never raises: whatever hinders it is told, with what to do."""
    try:
        if await pointing.restore():
            _say("the old webhook address is back")
            return True
        _say("somebody else has changed the webhook address meanwhile: it is left as it is")
    except (TelnyxError, BadInput) as reason:
        _say(f"the old webhook address is NOT back ({reason}); by hand: {pointing.by_hand()}")
    return False


def _say(text: str) -> None:
    """On stderr: stdout has the events alone."""
    print(text, file=sys.stderr, flush=True)


def _show(event: Event) -> None:
    parties = " → ".join(numbers.masked(party) for party in (event.from_, event.to) if party)
    line = (
        f"{datetime.now().astimezone():%H:%M:%S}  {event.status}  {event.ms:4} ms  {event.event_type}  {parties}"
    )
    print(table.text(line.rstrip()), flush=True)


def _show_json(event: Event) -> None:
    masked = msgspec.structs.replace(event, from_=numbers.masked(event.from_), to=numbers.masked(event.to))
    print(msgspec.json.encode(masked).decode(), flush=True)
