"""The dialplan of this process, and those that calls began with under other versions, by hash."""

from typing import Final

from redis.asyncio import Redis

from shared import dialplan, queues
from shared.dialplan import Loaded, Plan
from shared.errors import JobRefused

KEEP_S: Final = 30 * 24 * 3600  # far longer than a call; refreshed by every process that runs under it


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
        await self._client.set(queues.plan_key(self._current.hash), self._current.text, ex=KEEP_S)

    async def get(self, plan_hash: str) -> Plan:
        """A plan by its hash. Raises JobRefused when nobody has it any more, RedisError when Valkey is away."""
        if plan_hash not in self._known:
            text = await self._client.get(queues.plan_key(plan_hash))
            if not isinstance(text, bytes):
                raise JobRefused(f"the dialplan {plan_hash} that this call began with is not in Valkey any more")
            self._known[plan_hash] = dialplan.parse(text.decode(), f"dialplan {plan_hash}")
        return self._known[plan_hash]
