"""Connections that find the new primary after a failover: behind one address, or by asking sentinels."""

from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

import redis
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedConnection
from redis.backoff import NoBackoff
from redis.retry import Retry as BlockingRetry
from redis.sentinel import Sentinel as BlockingSentinel

from shared.errors import ConfigError

SENTINEL_SCHEME: Final = "redis+sentinel"
SENTINEL_TIMEOUT_S: Final = 0.5  # of each: a dead one must not use up the second that the ingress has


class _Follows(AbstractConnection):
    """Closes when its server turns out to be a replica: what comes next connects anew, to the primary.

    A demoted primary keeps its clients, and would refuse their writes for ever. Nothing was written, so the caller
    is told of a lost connection. With sentinels redis-py does the same.

    When a transport was closed a moment ago, uvloop's write raises RuntimeError, and redis-py passes that on. The
    caller is told of a lost connection here too: that is what it expects of a server that is away.
    """

    async def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
        try:
            await super().send_packed_command(*args, **kwargs)
        except RuntimeError as reason:
            if "handler is closed" not in str(reason):
                raise
            raise redis.ConnectionError("the connection was closed") from None

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().read_response(*args, **kwargs)
        except redis.ReadOnlyError:
            await self.disconnect()
            raise redis.ConnectionError("the server has become a replica") from None


class Plain(_Follows, Connection):
    """For `redis://`."""


class Tls(_Follows, SSLConnection):
    """For `rediss://`."""


class Local(_Follows, UnixDomainSocketConnection):
    """For `unix://`."""


class _Managed(_Follows, SentinelManagedConnection):
    """For `redis+sentinel://`."""


class _SentinelPool(BlockingConnectionPool, SentinelConnectionPool):
    """Asks the sentinels at each new connection; a command that finds all connections in use waits for one."""

    async def aclose(self) -> None:
        await super().aclose()
        for sentinel in self.sentinel_manager.sentinels:
            await sentinel.aclose()


class Sentinels(NamedTuple):
    """What a sentinel URL tells."""

    hosts: list[tuple[str, int]]
    service: str
    of_server: dict[str, Any]  # database and credentials; the sentinels are asked without

    @classmethod
    def read(cls, url: str) -> "Sentinels":
        """Read `redis+sentinel://[user:password@]h:p,h:p/service/db`. Raises ConfigError."""
        parts = urlsplit(url)
        credentials, _, netloc = parts.netloc.rpartition("@")
        user, _, password = credentials.partition(":")
        service, _, database = parts.path.strip("/").partition("/")
        try:
            hosts = [(host, int(port)) for host, _, port in (h.rpartition(":") for h in netloc.split(","))]
            number = int(database or 0)
            if not service or not all(host for host, _ in hosts) or parts.query or number < 0:
                raise ValueError
        except ValueError:
            raise ConfigError(
                "REDIS_URL: a sentinel URL reads redis+sentinel://host:port,host:port/service/db"
            ) from None
        told = {"username": unquote(user), "password": unquote(password)}
        return cls(hosts, service, {"db": number, **{name: value for name, value in told.items() if value}})

    def pool(self, options: dict[str, Any]) -> BlockingConnectionPool:
        """`options` are those of a pool behind one address."""
        asked = Sentinel(self.hosts, sentinel_kwargs=_asking(options) | {"retry": Retry(NoBackoff(), 0)})  # type: ignore[no-untyped-call,unused-ignore] # redis-py leaves Sentinel untyped
        return _SentinelPool(
            connection_class=_Managed,
            service_name=self.service,
            sentinel_manager=asked,
            **self.of_server,
            **options,
        )

    def blocking_client(self, options: dict[str, Any]) -> "redis.Redis":
        asking = _asking(options) | {"retry": BlockingRetry(NoBackoff(), 0)}
        asked = BlockingSentinel(self.hosts, sentinel_kwargs=asking, **options)  # type: ignore[no-untyped-call,unused-ignore] # as above
        return asked.master_for(self.service, **self.of_server)  # type: ignore[no-any-return,no-untyped-call,unused-ignore] # as above


def _asking(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "socket_connect_timeout": SENTINEL_TIMEOUT_S,
        "socket_timeout": SENTINEL_TIMEOUT_S,
        "maint_notifications_config": options["maint_notifications_config"],
    }
