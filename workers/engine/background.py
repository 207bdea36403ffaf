"""Work beside the jobs that must never end while the process lives."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.log import log, where
from shared.valkey import is_away


async def for_ever(what: str, work: Callable[[], Awaitable[object]], pause_s: float) -> None:
    """Do `work` again and again, `pause_s` apart, whatever it raises, until cancelled."""
    while True:
        try:
            await work()
        except Exception as reason:  # noqa: BLE001 - the border of a background task: the process needs all of them
            if is_away(reason):
                log.warning("valkey_away", work=what, reason=type(reason).__name__)
            else:
                log.error("background_work_failed", work=what, reason=where(reason))
        await asyncio.sleep(pause_s)
