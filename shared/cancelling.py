"""Cancelling that cannot be missed."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

AGAIN_S: Final = 0.1


async def cancel_all(tasks: "Collection[asyncio.Task[Any]]") -> None:
    """Cancel these tasks and return when all have ended.

    Once is not enough: before Python 3.12 `asyncio.wait_for`, which redis-py sends its commands with, swallows a
    cancellation that comes as its work is done (python/cpython issue 86296).
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_S)
