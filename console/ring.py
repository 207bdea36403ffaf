"""`trunkline ring NUMBER`: somebody calls, by the stand-in of `trunkline dev`, and what came of it."""

import argparse
import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx
import msgspec
from redis.asyncio import Redis

from console import dev_notes, records, story, summary, timeline
from console.asking import ask
from console.options import seconds
from console.records import Whole
from shared import numbers
from shared.errors import ConfigError, Unavailable
from shared.settings import Settings

CALLER: Final = "+12025550142"
TIMEOUT_S: Final = 10.0
WITHIN_S: Final = 60.0
LOOK_EVERY_S: Final = 0.3  # longer than what comes after the end of a call


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `trunkline ring`."""
    parser.add_argument(
        "to", type=_called, metavar="NUMBER", help="that is called; a rule of your dialplan takes it"
    )
    parser.add_argument(
        "--from",
        dest="from_",
        type=_caller,
        metavar="NUMBER",
        default=CALLER,
        help="that calls; anonymous for a withheld one (default %(default)s)",
    )
    parser.add_argument(
        "--hangs-up-after",
        type=seconds,
        metavar="SECONDS",
        help="when the caller puts the phone down (default: the others do)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 when the call is over, 1 when it goes on after a minute; bad input raises ConfigError."""
    notes = dev_notes.read()
    if notes is None or not dev_notes.is_running(notes):
        raise ConfigError(
            "trunkline ring: `trunkline dev` does not run in this folder: start it in another terminal"
        )
    call: dict[str, Any] = {"from": arguments.from_, "to": arguments.to}
    if arguments.hangs_up_after is not None:
        call["hangs_up_after"] = arguments.hangs_up_after
    session = _ring(notes.control, call)
    settings = Settings.for_console({**env, **notes.env}, required=("REDIS_URL",))
    found = ask(settings, lambda client: _when_over(client, session))
    told = summary.summary(found.call, time.time())
    steps = timeline.read(found.entries, numbers.masked)
    print(story.page(told, found.call.record, steps, numbers.masked))
    return 0 if told.is_over else 1


def _ring(control: str, call: Mapping[str, Any]) -> str:
    """The call's session. Raises ConfigError for what nobody can call, or Unavailable."""
    try:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as http:
            answer = http.post(f"{control}/calls", json=call)
    except httpx.HTTPError as reason:
        raise Unavailable(f"the stand-in at {control} does not answer ({type(reason).__name__})") from None
    if answer.status_code != httpx.codes.CREATED:
        raise ConfigError(f"trunkline ring: {answer.json()['error']}")
    session: str = msgspec.json.decode(answer.content)["call_session_id"]
    return session


async def _when_over(client: Redis, session: str) -> Whole:
    """The call once it is over and nothing more comes, or as it is after a minute.

    Raises Unavailable when no worker has taken it by then.
    """
    end, seen = time.monotonic() + WITHIN_S, 0
    while True:
        found, is_late = await records.find(client, session), time.monotonic() > end
        if found is not None:
            is_over = summary.summary(found.call, time.time()).is_over
            if is_late or (is_over and len(found.entries) == seen):
                return found
            seen = len(found.entries)
        elif is_late:
            raise Unavailable("no worker has taken the call: see trunkline queues")
        await asyncio.sleep(LOOK_EVERY_S)


def _called(text: str) -> str:
    if not numbers.is_number(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no E.164 number (+13125550100) and no SIP URI")
    return text


def _caller(text: str) -> str:
    return text if numbers.is_withheld(text) else _called(text)
