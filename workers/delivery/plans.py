"""The dialplan of this process, and those that calls began with under other versions, by hash."""

from typing import Final

from redis.asyncio import Redis

from shared import dialplan, queues
from shared.dialplan import Loaded, Plan
from shared.errors import DialplanError, TooNew
from shared.publish import publish

PUBLISH_AGAIN_S: Final = 3600.0  # so that a process that runs for months keeps it alive


class Plans:
    """Plans by hash: our own, and what other versions of the fleet have left in Valkey."""

    def __init__(self, client: Redis, current: Loaded) -> None:
        self._client = client
        self._current = current
        self._known: dict[str, Plan] = {current.hash: current.plan}

    @property
    def current(self) -> str:
        """The hash of the plan that new calls begin under here."""
        return self._current.hash

    async def publish(self) -> None:
        """Leave our plan where other versions of the fleet find it. Raises redis.exceptions.RedisError."""
        await publish(self._client, self._current)

    async def get(self, plan_hash: str) -> Plan:
        """A plan by its hash. Raises TooNew, or redis.exceptions.RedisError.

        A plan that is not there (yet), or that we can't parse, is one of a newer version: whoever began a call
        with it has checked it.
        """
        if plan_hash not in self._known:
            text = await self._client.get(queues.plan_key(plan_hash))
            if not isinstance(text, bytes):
                raise TooNew(f"the dialplan {plan_hash} that this call began with is not in Valkey")
            try:
                self._known[plan_hash] = dialplan.parse(text.decode(), f"dialplan {plan_hash}")
            except (DialplanError, UnicodeDecodeError):
                raise TooNew(f"the dialplan {plan_hash} that this call began with can't be read here") from None
        return self._known[plan_hash]
