"""What is still to happen by itself: the timers of legs, and the calls of a scenario."""

import asyncio
from collections.abc import Callable

from simulator.leg import Act


class Clock:
    """Timers on the running event loop; `speed` divides every wait."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._of_legs: dict[str, dict[Act, asyncio.TimerHandle]] = {}
        self._others: set[asyncio.TimerHandle] = set()

    @property
    def running(self) -> int:
        return sum(map(len, self._of_legs.values())) + len(self._others)

    def start(self, call_control_id: str, act: Act, after_s: float, fire: Callable[[], None]) -> None:
        """A timer of a leg; it takes the place of an equal one."""

        def due() -> None:
            self._of_legs[call_control_id].pop(act)
            fire()

        self.stop(call_control_id, act)
        self._of_legs.setdefault(call_control_id, {})[act] = self._later(after_s, due)

    def stop(self, call_control_id: str, act: Act | None) -> None:
        """One timer of a leg, or without an act all of them."""
        timers = self._of_legs.get(call_control_id, {})
        for one in list(timers) if act is None else [act]:
            if one in timers:
                timers.pop(one).cancel()

    def plan(self, after_s: float, happen: Callable[[], object]) -> None:
        """Something of no leg, which nothing but the end stops."""

        def due() -> None:
            self._others.discard(handle)
            happen()

        handle = self._later(after_s, due)
        self._others.add(handle)

    def close(self) -> None:
        for call_control_id in self._of_legs:
            self.stop(call_control_id, None)
        for handle in self._others:
            handle.cancel()
        self._others.clear()

    def _later(self, after_s: float, due: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(after_s / self._speed, due)
