"""`trunkline calls dial`: an outbound call by hand, judged, keyed and stored as `POST /calls` does it."""

import argparse
import sys
import time
import uuid
from collections.abc import Mapping

import msgspec
from redis.asyncio import Redis

from console import table
from console.asking import ask
from console.options import named_value
from shared import dialplan, placing
from shared.dialplan import Loaded
from shared.enqueue import Stored, enqueue
from shared.errors import CallRefused, ConfigError, Unavailable
from shared.ids import CallId
from shared.publish import publish
from shared.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", metavar="PROFILE", help="NAME of an [outbound.NAME] in the dialplan")
    parser.add_argument("to", metavar="TO", help="number (E.164) or SIP URI to call")
    parser.add_argument(
        "--var",
        dest="variables",
        action="append",
        type=named_value(),
        default=[],
        metavar="NAME=VALUE",
        help="as often as needed",
    )
    parser.add_argument("--key", help="a repeat of it within 24 h is the same call (default: a random one)")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 and the call's id; 1 when the key was used for another call; 2 for a call that may not be placed."""
    settings = Settings.for_console(env, required=("REDIS_URL",))
    plan = dialplan.load(settings.dialplan)
    key = str(uuid.uuid4()) if arguments.key is None else arguments.key
    try:
        call_id, is_new = _place(settings, plan, key, _request(arguments, key))
    except CallRefused as reason:
        print(f"trunkline calls dial: {reason}", file=sys.stderr)
        return 1 if reason.why == "key_taken" else 2
    told = {"id": call_id, "key": key, "new": is_new}
    print(msgspec.json.encode(told).decode() if arguments.json else table.fields(told))
    return 0


def _request(arguments: argparse.Namespace, key: str) -> placing.CallRequest:
    """Raises ConfigError."""
    if not placing.is_key(key):
        raise ConfigError(f"trunkline calls dial: --key takes {placing.KEY_FORM}")
    variables = dict(arguments.variables)
    if len(variables) < len(arguments.variables):
        raise ConfigError("trunkline calls dial: --var gives one name twice")
    return placing.CallRequest(arguments.profile, arguments.to, variables)


def _place(settings: Settings, plan: Loaded, key: str, request: placing.CallRequest) -> tuple[CallId, bool]:
    """The call's id, and whether it began with this. Raises CallRefused and Unavailable."""
    placing.check(plan.plan, request)
    entry = placing.entry_of(key, request, plan, CallId(str(uuid.uuid4())), time.time())

    async def store(client: Redis) -> Stored:
        # The plan first: where no other process runs under it, the workers find it only here.
        await publish(client, plan)
        return (await enqueue(client, [entry]))[0]

    try:
        stored = ask(settings, store)
    except Unavailable as reason:
        raise Unavailable(
            f"trunkline calls dial: {reason} (it may be stored all the same: repeat it with --key {key})"
        ) from None
    return placing.call_of(entry, stored.once_value), stored.is_new
