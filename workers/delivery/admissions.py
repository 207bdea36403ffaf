"""Who may dial next among the calls of each outbound profile: asked whenever that may have changed."""

import asyncio
from contextlib import suppress
from typing import Final

from redis.exceptions import RedisError

from shared.cancelling import cancel_all
from shared.log import log
from workers.delivery.store import Store

EVERY_S: Final = 1.0  # whatever was missed is found then


class Admissions:
    """Admits the calls of the whole fleet, as every worker does: the script in Valkey keeps the pace."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}

    def ask(self, profile: str) -> None:
        """Something has changed in a profile: a call waits for its turn, or another one is over."""
        if profile in self._running:
            self._running[profile][0].set()
            return
        changed = asyncio.Event()
        self._running[profile] = (changed, asyncio.create_task(self._admit(profile, changed)))

    async def sweep(self) -> None:
        """Ask for every profile. Raises redis.exceptions.RedisError."""
        for profile in await self._store.profiles():
            self.ask(profile)

    async def stop(self) -> None:
        await cancel_all([task for _, task in self._running.values()])

    async def _admit(self, profile: str, changed: asyncio.Event) -> None:
        """Admit until nothing but the end of a call, or a new one, is waited for."""
        try:
            while True:
                changed.clear()
                wait = await self._store.admit(profile)
                if wait is None and not changed.is_set():
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await changed.wait()
        except (RedisError, OSError) as reason:
            log.warning("admission_failed", profile=profile, reason=type(reason).__name__)
        finally:
            del self._running[profile]
