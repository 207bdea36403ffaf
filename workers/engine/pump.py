"""The loop of a worker: finish the jobs that have ended, and take as many as there is room for."""

import asyncio
import time
from typing import Final

from redis.exceptions import RedisError

from shared.cancelling import cancel_all
from shared.log import log
from shared.valkey import is_away
from workers.engine.crew import Crew
from workers.engine.exchange import Exchange
from workers.engine.job import Back, Job, Verdict

BATCH: Final = 32  # jobs that one START takes: it holds the server well under 2 ms
TROUBLE_WAIT_S: Final = 0.2


class Pump:
    """Moves jobs between the queue and the crew, in one round trip each turn."""

    def __init__(self, exchange: Exchange, crew: Crew, changed: asyncio.Event) -> None:
        """`changed` is set whenever there may be more to do."""
        self._exchange = exchange
        self._crew = crew
        self._changed = changed
        self._moved: list[bytes] = []  # our id in the intermediate list, until it is taken or gone from there
        self._may_have_strays = False  # since a reply was lost: it may have been that of a START

    async def run(self, stopping: asyncio.Event) -> None:
        """Finish and take until `stopping` is set; whoever sets it sets `changed` as well."""
        idle: asyncio.Task[bytes | None] | None = None
        while not stopping.is_set():
            self._changed.clear()
            self._crew.begin_suspect()
            room = min(BATCH, self._crew.room())
            if room and idle is not None and idle.done():
                self._moved, idle = _taken(idle), None
            asked = room if idle is None else 0
            was_moved = bool(self._moved)
            if await self._settle_and_take(asked) or was_moved:
                continue
            if asked:
                idle = asyncio.create_task(self._wait_for_job())
                idle.add_done_callback(lambda _: self._changed.set())
            if not self._crew.finished:
                await self._changed.wait()
        if idle is not None:
            await self._stop_waiting(idle)

    async def wind_down(self, until: float) -> None:
        """Finish what is in flight, up to `until` (monotonic), and give the rest back."""
        self._crew.give_back_suspects()
        while (left_s := until - time.monotonic()) > 0 and await self._crew.next_end(left_s):
            await self._settle_and_take(0)
        await self._crew.cancel()
        await self._settle_and_take(0)

    async def _wait_for_job(self) -> bytes | None:
        try:
            return await self._exchange.next_id()
        except (RedisError, OSError):
            await self._connect_anew()
            return None

    async def _stop_waiting(self, idle: "asyncio.Task[bytes | None]") -> None:
        """A job that came in this very moment is run as the last one; one still on its way here is swept back."""
        if not idle.done():
            await cancel_all([idle])
        if not idle.cancelled() and not self._crew.is_exclusive:
            self._moved = _taken(idle)
            await self._settle_and_take(0)

    async def _settle_and_take(self, room: int) -> int:
        """Finish what is finished, and take the job that was moved to us, else up to `room`. Returns how many."""
        crew = self._crew
        if not (crew.finished or room or self._moved):
            return 0
        finished, crew.finished = crew.finished, []
        busy_s, crew.busy_s = crew.busy_s, 0.0
        try:
            strays = await self._strays()
            taken, trouble = await self._exchange.trip(finished + strays, busy_s, room, self._moved)
            self._moved = []
        except (RedisError, OSError) as reason:
            taken, trouble = [], reason
        crew.launch(taken)
        if trouble is None:
            crew.settled(finished)
        else:  # finishing twice is harmless: the lease is gone the second time
            crew.finished = finished + crew.finished
            crew.busy_s += busy_s
            log.warning("valkey_away" if is_away(trouble) else "valkey_refuses", reason=str(trouble)[:200])
            await self._connect_anew()
        return len(taken)

    async def _strays(self) -> list[tuple[Job, Verdict]]:
        """What was started for us by a START whose reply was lost, to be given back at once."""
        if not self._may_have_strays:
            return []
        strays = await self._exchange.strays(self._crew.held())
        self._may_have_strays = False  # the trip that follows gives them back, or sets it again
        if strays:
            log.info("leases_given_back", jobs=len(strays), why="Valkey was away when they were told to us")
        return [(job, Back()) for job in strays]

    async def _connect_anew(self) -> None:
        self._may_have_strays = True
        await self._exchange.connect_anew()
        await asyncio.sleep(TROUBLE_WAIT_S)


def _taken(idle: "asyncio.Task[bytes | None]") -> list[bytes]:
    taken = idle.result()
    return [taken] if taken else []
