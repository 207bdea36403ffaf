"""`trunkline dnc`: the do-not-call list, which each dial of an outbound profile is held against.

Numbers are shown whole here, unlike elsewhere: the operator keeps this list, and must see exactly who is on it.
What `list` prints, `add -` and `remove -` read.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from redis.asyncio import Redis

from console.asking import ask
from shared import queues
from shared.errors import ConfigError
from shared.numbers import is_number, normal
from shared.settings import Settings

BATCH: Final = 1_000  # numbers in one command: none holds the server for more than about 1 ms

_TOLD: Final = {"add": ("added", "already_there"), "remove": ("removed", "not_there")}
_FORM: Final = "number (E.164) or SIP URI; - reads them from standard input, one a line, # begins a comment"


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The commands below `trunkline dnc`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb, what in (("add", "never call these numbers again"), ("remove", "allow calls to them again")):
        command = verbs.add_parser(verb, help=what)
        command.add_argument("numbers", nargs="+", metavar="NUMBER", help=_FORM)
        command.add_argument("--json", action="store_true")
        command.set_defaults(run=change, verb=verb)
    command = verbs.add_parser("list", help="the numbers, sorted, one a line")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=show)


def change(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Put numbers on the list, or take them off it; 0 also for those that were there, or were not."""
    settings = Settings.for_console(env, required=("REDIS_URL",))
    numbers = _numbers(arguments)

    async def change_all(client: Redis) -> int:
        command = client.sadd if arguments.verb == "add" else client.srem
        batches = (numbers[at : at + BATCH] for at in range(0, len(numbers), BATCH))
        return sum([await command(queues.DNC, *batch) for batch in batches])

    changed = ask(settings, change_all)
    done, in_vain = _TOLD[arguments.verb]
    told = {done: changed, in_vain: len(numbers) - changed}
    if arguments.json:
        print(msgspec.json.encode(told).decode())
    else:
        print(", ".join(f"{count} {what.replace('_', ' ')}" for what, count in told.items()))
    return 0


def show(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Nothing is printed for an empty list."""

    async def everything(client: Redis) -> set[str]:
        return {number.decode() async for number in client.sscan_iter(queues.DNC, count=BATCH)}

    numbers = sorted(ask(Settings.for_console(env, required=("REDIS_URL",)), everything))
    if arguments.json:
        print(msgspec.json.encode(numbers).decode())
    else:
        print("".join(f"{number}\n" for number in numbers), end="")
    return 0


def _numbers(arguments: argparse.Namespace) -> list[str]:
    """Each once, as the list keeps them. Raises ConfigError, for the first that is none."""
    numbers: dict[str, None] = {}
    for given in arguments.numbers:
        for place, number in _lines() if given == "-" else [("", given)]:
            if not is_number(number):
                raise ConfigError(
                    f"trunkline dnc {arguments.verb}: {place}{number!r} is neither an E.164 number such as"
                    " +13125550100 nor a SIP URI; nothing was changed"
                )
            numbers[normal(number)] = None
    return list(numbers)


def _lines() -> Iterator[tuple[str, str]]:
    """Where each number of standard input stands, and the number."""
    text = sys.stdin.buffer.read().decode("utf-8-sig", errors="replace")
    for count, line in enumerate(text.splitlines(), start=1):
        number = line.partition("#")[0].strip()
        if number:
            yield f"line {count}: ", number
