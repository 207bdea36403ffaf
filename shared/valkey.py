"""Connections to Valkey or Redis, and what its persistence is worth."""

import asyncio
import ssl
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import parse_url
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from shared.errors import ConfigError
from shared.failover import SENTINEL_SCHEME, Local, Plain, Sentinels, Tls
from shared.log import log
from shared.settings import Durability, Settings

CONNECT_TIMEOUT_S: Final = 2.0
COMMAND_TIMEOUT_S: Final = 3.0  # longer than any script of ours holds the server; a dead primary is left within it
CONNECTIONS: Final = 32  # of one process: managed servers allow few, and a command takes about 1 ms
LOG_EVERY_S: Final = 5.0

_AWAY: Final = (
    redis.ConnectionError,  # not reached, or it is loading its data
    redis.TimeoutError,
    redis.ReadOnlyError,  # a replica, during a failover
    redis.exceptions.MasterDownError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.TryAgainError,
    redis.exceptions.NoPermissionError,  # the account was changed under us
    ConnectionError,  # Python's own
)
_FOLLOWING: Final = {"redis": Plain, "rediss": Tls, "unix": Local}
_CANNOT_NOW: Final = ("BUSY ", "MISCONF ", "NOREPLICAS ")  # a slow script, a full disk, min-replicas-to-write


def is_away(reason: BaseException) -> bool:
    """Whether the server cannot answer just now, so that it helps to wait and try again.

    Any other error is about what was asked, and would be the same the next time.
    """
    if isinstance(reason, _AWAY):
        return True
    return isinstance(reason, redis.ResponseError) and str(reason).startswith(_CANNOT_NOW)


def connect(settings: Settings, command_timeout_s: float = COMMAND_TIMEOUT_S) -> Redis:
    """An asyncio client; nothing is connected until the first command. Raises ConfigError."""
    # A command that finds all connections in use waits for one: redis-py's default pool would fail it.
    options = _options(settings, command_timeout_s) | {
        "max_connections": CONNECTIONS,
        "timeout": command_timeout_s,
    }
    scheme = urlsplit(settings.redis_url).scheme
    if scheme == SENTINEL_SCHEME:
        return Redis.from_pool(Sentinels.read(settings.redis_url).pool(options))
    try:
        options |= parse_url(settings.redis_url)
        options["connection_class"] = _FOLLOWING[scheme]
        pool = BlockingConnectionPool(**options)
        pool.make_connection()  # type: ignore[no-untyped-call] # connects nothing; refuses options that nobody knows
    except (ValueError, TypeError, RedisError) as reason:
        raise ConfigError(f"REDIS_URL: mend or leave out what follows its question mark: {reason}") from None
    return Redis.from_pool(pool)


def connect_blocking(settings: Settings, command_timeout_s: float = COMMAND_TIMEOUT_S) -> "redis.Redis":
    """A blocking client, for RQ's own worker registration and for the thread that renews leases."""
    options = _options(settings, command_timeout_s)
    if urlsplit(settings.redis_url).scheme == SENTINEL_SCHEME:
        return Sentinels.read(settings.redis_url).blocking_client(options)
    return redis.Redis.from_url(settings.redis_url, **options)


def _options(settings: Settings, command_timeout_s: float) -> dict[str, Any]:
    options: dict[str, Any] = {
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "socket_timeout": command_timeout_s,
        "socket_keepalive": True,
        "health_check_interval": 0,
        # Redis Enterprise's own messages. While they are on, redis-py 8 hands out connections that the server has
        # closed: after a restart each of them would fail a command.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
    if settings.redis_url.startswith("rediss://"):
        options |= _tls(settings.redis_tls)
    return options


def _tls(choice: str) -> dict[str, Any]:
    """Raises ConfigError."""
    if choice == "verify":
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    if choice == "insecure":
        log.warning("redis_tls_insecure", meaning="the server's certificate is not checked: anyone may read along")
        return {"ssl_cert_reqs": ssl.CERT_NONE, "ssl_check_hostname": False}
    try:
        ssl.create_default_context(cafile=choice)
    except OSError:
        raise ConfigError(f"REDIS_TLS={choice!r} holds no certificate of an authority in PEM form") from None
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, "ssl_ca_certs": choice}


async def wait_until_up(client: Redis) -> None:
    """Return when the server answers; says every 5 s that it does not. Raises ConfigError in cluster mode."""
    loop = asyncio.get_running_loop()
    said = -LOG_EVERY_S
    while True:
        try:
            info: dict[str, Any] = await client.info("cluster")
        except (RedisError, OSError) as reason:
            if loop.time() - said >= LOG_EVERY_S:
                said = loop.time()
                log.warning("redis_unreachable", reason=str(reason)[:200], doing="trying again")
            await asyncio.sleep(0.2)
            continue
        if info.get("cluster_enabled"):
            raise ConfigError(
                "REDIS_URL is in cluster mode: use one server, and more cells when one is not enough"
            )
        return


class Persistence(NamedTuple):
    """What an acknowledged event survives on this server, in words for `/ready` and the log."""

    enough: bool
    may_lose: Literal["nothing", "up to 2 s on power failure", "everything on restart", "unknown"]


async def persistence(client: Redis, wanted: Durability) -> Persistence:
    """Ask the server what its persistence is worth. Raises redis.exceptions.RedisError when it is down.

    Durable is `appendfsync always`: the server then syncs once per turn of its event loop before any reply.
    Many managed servers refuse CONFIG; a refusal proves nothing, so `DURABILITY=fsync` is not met by it.
    """
    try:
        config = await client.config_get("append*")
    except redis.ResponseError:
        return Persistence(enough=wanted != "fsync", may_lose="unknown")
    if config.get("appendonly") != "yes":
        return Persistence(enough=wanted != "fsync", may_lose="everything on restart")
    if config.get("appendfsync") != "always":
        return Persistence(enough=wanted != "fsync", may_lose="up to 2 s on power failure")
    return Persistence(enough=True, may_lose="nothing")
