"""`trunkline outbound`: the profiles of outbound calls, how they stand, and the brake."""

import argparse
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from redis.asyncio import Redis

from console import table
from console.asking import ask
from shared import dialplan, queues
from shared.dialplan import Outbound, Plan
from shared.errors import ConfigError
from shared.settings import Settings


class Profile(msgspec.Struct, frozen=True):
    """How one stands. `next` is when the next call may be admitted (Unix seconds), where that is not now."""

    profile: str
    live: int
    waiting: int
    paused: bool
    dials_per_sec: float | None
    max_live: int | None
    next: float | None


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The commands below `trunkline outbound`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    command = verbs.add_parser("list", help="each profile: live and waiting calls, pace, and whether it is paused")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=show)
    for verb, paused, what in (
        ("pause", True, "dial nothing more under this profile; calls that are dialled go on"),
        ("resume", False, "dial again"),
    ):
        command = verbs.add_parser(verb, help=what)
        command.add_argument("profile", metavar="PROFILE", help="NAME of an [outbound.NAME] in the dialplan")
        command.add_argument("--json", action="store_true")
        command.set_defaults(run=brake, paused=paused)


def show(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    settings = Settings.for_console(env, required=("REDIS_URL",))
    plan = dialplan.load(settings.dialplan).plan
    profiles = ask(settings, lambda client: read(client, plan))
    if arguments.json:
        print(msgspec.json.encode(profiles).decode())
    else:
        print(table.rows([row(profile) for profile in profiles], Profile.__struct_fields__))
    return 0


def brake(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Pause or resume; 0 also where it stood so already. Raises ConfigError for a profile that nothing knows."""
    settings = Settings.for_console(env, required=("REDIS_URL",))
    name, paused = arguments.profile, arguments.paused

    def plan() -> Plan:
        return dialplan.load(settings.dialplan).plan

    changed = ask(settings, lambda client: put_brake(client, plan, name, paused))
    if arguments.json:
        print(msgspec.json.encode({"profile": name, "paused": paused, "changed": changed}).decode())
    elif paused:
        print(f"{name} {'is' if changed else 'was already'} paused")
    else:
        print(f"{name} {'dials again' if changed else 'was not paused'}")
    return 0


async def put_brake(client: Redis, plan: Callable[[], Plan], name: str, paused: bool) -> bool:
    """Whether anything changed. Raises ConfigError for a profile that nothing knows, and RedisError."""
    # The dialplan is not needed to stop what has been dialling: it may be what went wrong.
    if name not in await _asked(client) and name not in plan().outbound:
        raise ConfigError(f"trunkline outbound: there is no profile {name!r}: see trunkline outbound list")
    key = queues.outbound_key(name)
    change = client.hset(key, "paused", "1") if paused else client.hdel(key, "paused")
    return bool(await change)


async def _asked(client: Redis) -> set[str]:
    """The profiles that ever had a call to dial."""
    names: set[bytes] = await client.smembers(queues.OUTBOUND)  # type: ignore[assignment] # undecoded
    return {name.decode() for name in names}


async def read(client: Redis, plan: Plan) -> list[Profile]:
    """The profiles of the dialplan, then those that only Valkey knows. Raises redis.exceptions.RedisError."""
    names = [*plan.outbound, *sorted(await _asked(client) - plan.outbound.keys())]
    reading = client.pipeline(transaction=True)
    reading.time()
    for name in names:
        reading.scard(queues.live_key(name))
        reading.zcard(queues.waiting_key(name))
        reading.hgetall(queues.outbound_key(name))
    (seconds, micros), *read = await reading.execute()
    now = seconds + micros / 1e6
    found = zip(names, read[0::3], read[1::3], read[2::3], strict=True)
    return [_profile(name, plan, live, waiting, kept, now) for name, live, waiting, kept in found]


def _profile(name: str, plan: Plan, live: int, waiting: int, kept: dict[bytes, bytes], now: float) -> Profile:
    rate, most = _pace(plan.outbound.get(name), kept)
    next_at = float(kept.get(b"next", 0))
    is_paused = kept.get(b"paused") == b"1"
    return Profile(name, live, waiting, is_paused, rate, most, next_at if next_at > now else None)


def _pace(written: Outbound | None, kept: dict[bytes, bytes]) -> tuple[float | None, int | None]:
    """The dialplan's; of a profile that it no longer has, the one that its calls brought along."""
    if written is not None:
        return written.dials_per_sec, written.max_live
    rate, most = kept.get(b"rate"), kept.get(b"most")
    return float(rate) if rate else None, int(most) if most else None


def row(profile: Profile) -> dict[str, Any]:
    """As a person reads it."""
    row = msgspec.structs.asdict(profile)
    next_at = f"{datetime.fromtimestamp(profile.next, UTC):%Y-%m-%d %H:%M:%S} UTC" if profile.next else None
    return row | {"paused": "yes" if profile.paused else "no", "next": next_at}
