"""Many waits of the same length under one timer: a timer each would be a twentieth of the cost of a request."""

import asyncio
from collections import deque
from typing import Any

from shared.errors import Unavailable


class Deadlines:
    """Futures that fail with Unavailable when they are not done in time."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._open: deque[tuple[float, asyncio.Future[Any]]] = deque()  # the oldest first
        self._timer: asyncio.TimerHandle | None = None

    def add(self, future: "asyncio.Future[Any]") -> None:
        """Its time begins now."""
        loop = future.get_loop()
        until = loop.time() + self._within_s
        self._open.append((until, future))
        if self._timer is None:
            self._timer = loop.call_at(until, self._look)

    def forget_done(self) -> None:
        """Let go of what is done, so that nothing is held for longer than it is waited for."""
        while self._open and self._open[0][1].done():
            self._open.popleft()

    def _look(self) -> None:
        self._timer = None
        self.forget_done()
        while self._open:
            until, future = self._open[0]
            loop = future.get_loop()
            if until > loop.time():
                self._timer = loop.call_at(until, self._look)
                return
            future.set_exception(Unavailable(f"not durable within {self._within_s:g} s"))
            self.forget_done()
