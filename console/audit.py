"""Nothing is silent: accepted = applied + parked + pending, at any moment, or something was lost."""

import argparse
from collections.abc import Mapping

import msgspec
from redis.asyncio import Redis

from console.asking import ask
from shared import queues
from shared.scripts import Script
from shared.settings import Settings

_audit = Script(__file__, "audit")


class Account(msgspec.Struct, frozen=True):
    """Unique events, duplicates and quarantined ones apart; then, from `queued` to `draining`, where work stands.

    Reconciling has found `closed` legs that Telnyx had ended, `fed` events that never came and `missed` incoming
    calls that were never offered to us; `unknown` is how many legs are up now that nothing here knows.

    `discarded` are dead letters that were thrown away. Those that were accepted events stay among `parked`.
    """

    accepted: int
    applied: int
    parked: int
    pending: int
    duplicates: int
    quarantined: int
    queued: int
    leased: int
    scheduled: int
    draining: int
    closed: int = 0
    fed: int = 0
    missed: int = 0
    unknown: int = 0
    discarded: int = 0

    @property
    def balanced(self) -> bool:
        return self.accepted == self.applied + self.parked + self.pending

    @property
    def quiet(self) -> bool:
        """Nothing is waited for but timers."""
        return not (self.pending or self.queued or self.leased or self.draining)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 when the account adds up, else 1. Raises Unavailable."""
    account = ask(Settings.for_console(env, required=("REDIS_URL",)), take)
    told = msgspec.to_builtins(account) | {"balanced": account.balanced}
    if arguments.json:
        print(msgspec.json.encode(told).decode())
    else:
        for name, value in told.items():
            print(f"{name:12} {value}")
    return 0 if account.balanced else 1


async def take(client: Redis) -> Account:
    """Read the account, in one script. Raises redis.exceptions.RedisError."""
    return Account(*await _audit.run(client, [], list(queues.KINDS)))
