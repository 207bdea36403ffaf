"""Calls of every kind at once, from a seed, played beside the test that breaks things meanwhile."""

import asyncio
import threading
from typing import Final, Self

from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from console.demo.morning import morning
from console.demo.play import Player
from console.demo.report import Seen
from console.demo.seen import look
from shared.dialplan import load
from tests.e2e.scenario_calls import OPEN, SCENARIOS, WHILE_OPEN, example
from tests.faults.fleet import Fleet

SERVER_AWAY_TRIES: Final = 120  # four a second: some tests take Valkey away


def dialplan(folder):
    """The example, open day and night; its path."""
    return example(folder, OPEN)


class Morning:
    """A context: calls begin when it is entered, and have ended when it is left; `seen` tells how it went."""

    seen: Seen

    def __init__(self, fleet: Fleet, path, *, calls: int, seed: int, per_s: float) -> None:
        self.plan = load(path).plan
        self.calls, self.per_s = calls, per_s
        placements = morning(WHILE_OPEN, calls, seed)
        stretch = calls / per_s / placements[-1].at_s
        self._placements = [one._replace(at_s=one.at_s * stretch) for one in placements]
        self._fleet = fleet
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            self._thread.join()
        if self._failure is not None:
            raise self._failure

    def goes_on(self) -> bool:
        return self._thread.is_alive()

    def no_more(self) -> None:
        """No call begins from now on; those that have begun go on to their end."""
        self._placements.clear()  # they are being gone through

    def wait(self, seconds: float) -> bool:
        """For so long, or until it is over; whether it goes on."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def _play(self) -> None:
        try:
            self.seen = asyncio.run(self._played())
        except BaseException as reason:  # noqa: BLE001 - raised again where the test stands
            self._failure = reason

    async def _played(self) -> Seen:
        async with Player(self._fleet.where, self.plan, show=str) as player:
            player.redis.set_retry(Retry(ConstantBackoff(0.25), SERVER_AWAY_TRIES))
            played = await player.play(SCENARIOS, self._placements)
            return await look(player, played, seconds=0.0)
