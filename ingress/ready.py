"""Whether this process may acknowledge webhooks: watches what the server keeps, and tells it on /ready."""

import asyncio
from typing import Final, Literal

from redis.asyncio import Redis
from redis.exceptions import ReadOnlyError, RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse

from shared.errors import ConfigError
from shared.log import log
from shared.settings import Durability
from shared.valkey import Persistence, persistence, wait_until_up

LOOK_EVERY_S: Final = 10.0
LOOK_AGAIN_S: Final = 0.5
ANSWER_WITHIN_S: Final = 1.0


class DurabilityWatch:
    """What the server that we write to keeps; asked at the start, at each new connection and every 10 s."""

    def __init__(self, client: Redis, wanted: Durability) -> None:
        self.wanted = wanted
        self.found: Persistence | None = None  # at the last look that was answered; None before the first
        self.redis: Literal["ok", "unreachable", "a replica", "in cluster mode"] = "unreachable"
        self._client = client

    @property
    def is_enough(self) -> bool:
        """Whether a 200 may be given as far as the server's settings go; the rest shows when it is written to."""
        return self.wanted != "fsync" or (self.found is not None and self.found.enough)

    async def look(self) -> None:
        """Ask the server now. Raises RedisError or OSError when it does not answer, or takes no writes."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                found = await persistence(self._client, self.wanted)
                replication = await self._client.info("replication")
        except (RedisError, OSError):
            self.redis = "unreachable"
            raise
        if replication.get("role") == "slave":
            self.redis = "a replica"
            await self._client.connection_pool.disconnect(inuse_connections=False)  # new ones find the primary
            raise ReadOnlyError("the server is a replica")
        if self.wanted == "replica" and not replication.get("connected_slaves"):
            found = found._replace(enough=False)
        if found != self.found:
            (log.info if found.may_lose == "nothing" else log.warning)(
                "durability", mode=self.wanted, may_lose=found.may_lose, enough=found.enough
            )
        self.found, self.redis = found, "ok"

    async def run(self) -> None:
        """Look every 10 s, for ever; without a server, wait for one."""
        while True:
            try:
                await wait_until_up(self._client)
                await self.look()
            except ConfigError as reason:
                self.redis = "in cluster mode"
                log.error("redis_refused", reason=str(reason))
            except (RedisError, OSError):
                await asyncio.sleep(LOOK_AGAIN_S)
                continue
            await asyncio.sleep(LOOK_EVERY_S)


class Ready:
    """GET /ready."""

    def __init__(self, watch: DurabilityWatch, plan_hash: str) -> None:
        self._watch = watch
        self._plan_hash = plan_hash

    async def answer(self, _request: Request) -> JSONResponse:
        watch = self._watch
        if watch.redis != "in cluster mode":
            try:
                await watch.look()
            except (RedisError, OSError) as reason:
                log.debug("not_ready", reason=str(reason))
        found = watch.found
        ready = watch.redis == "ok" and found is not None and found.enough
        content = {
            "redis": watch.redis,
            "durability": {"mode": watch.wanted, "may_lose": found.may_lose if found else "unknown"},
            "dialplan": self._plan_hash,
        }
        return JSONResponse(content, status_code=200 if ready else 503)
