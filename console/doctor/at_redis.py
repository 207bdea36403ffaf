"""What the server behind REDIS_URL tells: what it keeps, and which workers live."""

import asyncio
from collections import Counter
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from console import queues
from console.doctor.check import Check, hidden
from shared import valkey
from shared.errors import ConfigError
from shared.queues import KINDS
from shared.settings import Settings

OLDEST: Final = (7, 0)
WITHIN_S: Final = 5.0

SERVER, VERSION, POLICY, KEPT = "Redis", "Redis version", "maxmemory-policy", "persistence"
WORKERS: Final = tuple(f"{kind} workers" for kind in KINDS)
RELEASES: Final = "worker releases"
_AFTER_SERVER: Final = (VERSION, POLICY, KEPT, *WORKERS, RELEASES)


async def checks(settings: Settings) -> list[Check]:
    """Never raises for what the server, or the network, does."""
    if not settings.redis_url:
        return _none(
            "REDIS_URL is missing", "set it to your Redis or Valkey, for example redis://127.0.0.1:6379/0"
        )
    try:
        client = valkey.connect(settings)
    except ConfigError as reason:
        return _none(str(reason), "mend REDIS_URL or REDIS_TLS")
    try:
        async with asyncio.timeout(WITHIN_S):
            info: dict[str, Any] = await client.info("everything")
    except (RedisError, OSError) as reason:
        said = hidden(str(reason) or type(reason).__name__, settings.redis_url)
        return _none(f"it does not answer: {said}", "check REDIS_URL, REDIS_TLS and the network")
    else:
        return [
            _server(info),
            _version(info),
            _policy(info),
            await _kept(client, settings),
            *await _workers(client),
        ]
    finally:
        await client.aclose()


def _none(found: str, mend: str) -> list[Check]:
    return [
        Check(SERVER, "wrong", found, mend),
        *(Check(name, "unknown", "not checked: no server") for name in _AFTER_SERVER),
    ]


def _server(info: dict[str, Any]) -> Check:
    if info.get("cluster_enabled"):
        return Check(
            SERVER, "wrong", "it is in cluster mode", "use one server, and more cells when one is not enough"
        )
    if info.get("role") == "slave":
        return Check(SERVER, "wrong", "it is a replica, which takes no writes", "let REDIS_URL name the primary")
    return Check(SERVER, "ok", "it answers")


def _version(info: dict[str, Any]) -> Check:
    theirs = info.get("valkey_version")
    version = str(theirs or info.get("redis_version", ""))
    named = f"{'Valkey' if theirs else 'Redis'} {version}"
    try:
        major, minor, *_ = (int(part) for part in version.split("."))
    except ValueError:
        return Check(VERSION, "unknown", f"not checked: {named}")
    if (major, minor) < OLDEST:
        return Check(VERSION, "wrong", named, "use Redis 7.0 or newer, or Valkey")
    return Check(VERSION, "ok", named)


def _policy(info: dict[str, Any]) -> Check:
    policy = str(info.get("maxmemory_policy", ""))
    mend = "set maxmemory-policy noeviction: any other throws away calls when memory is full"
    if not policy:
        return Check(POLICY, "unknown", "not checked: the server does not tell", mend)
    if policy == "noeviction":
        return Check(POLICY, "ok", policy)
    return Check(POLICY, "wrong" if info.get("maxmemory") else "warn", policy, mend)


async def _kept(client: Redis, settings: Settings) -> Check:
    """Asked as the web process asks it."""
    mend = "set appendonly yes and appendfsync always (docs/redis.md)"
    try:
        async with asyncio.timeout(WITHIN_S):
            kept = await valkey.persistence(client, settings.durability)
    except (RedisError, OSError) as reason:
        return Check(KEPT, "unknown", f"not checked: {hidden(str(reason), settings.redis_url)}", mend)
    if kept.may_lose == "nothing":
        return Check(KEPT, "ok", "appendonly yes, appendfsync always")
    if kept.may_lose == "unknown":
        return Check(
            KEPT,
            "unknown" if kept.enough else "wrong",
            "not checked: the server refuses CONFIG",
            f"ask its provider, or {mend}",
        )
    grave = not kept.enough or kept.may_lose == "everything on restart"
    return Check(KEPT, "wrong" if grave else "warn", f"acknowledged events: it may lose {kept.may_lose}", mend)


async def _workers(client: Redis) -> list[Check]:
    try:
        async with asyncio.timeout(WITHIN_S):
            now, standings = await queues.stand(client)
            told = [worker for kind in KINDS for worker in await queues.workers(client, kind, now)]
    except (RedisError, OSError) as reason:
        why = "refused" if isinstance(reason, ResponseError) else "no answer"
        return [Check(name, "unknown", f"not checked: {why}") for name in (*WORKERS, RELEASES)]
    return [
        *(
            Check(f"{kind} workers", "ok", f"{standing.live} alive")
            if standing.live
            else Check(f"{kind} workers", "wrong", "none is alive", f"python -m workers {kind}")
            for kind, standing in standings.items()
        ),
        _releases([worker for worker in told if worker.live]),
    ]


def _releases(workers: list[queues.Worker]) -> Check:
    """A call ends under the dialplan that it began under, so two at once lose nothing: but who wants two?"""
    if not workers:
        return Check(RELEASES, "unknown", "not checked: none is alive")
    deployed = Counter((worker.version, worker.dialplan) for worker in workers)
    found = ", ".join(f"{n} with {version}, dialplan {plan}" for (version, plan), n in deployed.most_common())
    if len(deployed) == 1:
        return Check(RELEASES, "ok", found)
    return Check(
        RELEASES, "warn", found, "unless a release goes out right now: deploy the same one on every machine"
    )
