"""`trunkline doctor`: every check, and the table of them."""

import argparse
import asyncio
from collections.abc import Mapping

import msgspec

from console import table
from console.doctor import at_redis, at_telnyx, here
from console.doctor.check import Check, row
from shared.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 when nothing is wrong, warnings included; else 1."""
    settings = Settings.for_console(env)
    checks = asyncio.run(_remote(settings))
    checks += [
        here.dialplan_check(settings),
        here.recordings_check(settings, env),
        here.secrets_check(settings),
    ]
    wrong = sum(check.state == "wrong" for check in checks)
    if arguments.json:
        print(msgspec.json.encode({"checks": checks, "wrong": wrong}).decode())
    else:
        print(table.rows([row(check) for check in checks], ("", "what", "found", "to mend it")))
        print(f"{wrong} wrong" if wrong else "nothing is wrong")
    return 1 if wrong else 0


async def _remote(settings: Settings) -> list[Check]:
    telnyx, server = await asyncio.gather(at_telnyx.checks(settings), at_redis.checks(settings))
    return [*telnyx, *server]
