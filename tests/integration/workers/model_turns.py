"""One step at a time: every script on Valkey and every byte to Telnyx waits until the model lets it happen.

What runs between two such steps is local to one worker, so these are all the interleavings there are.
"""

import asyncio
from typing import Any, NamedTuple

import redis

from shared.commands import Request
from shared.telnyx import Answer
from workers.delivery.store import Store


class StillLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still until the model moves it: a slow machine changes nothing."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def pass_half_a_second(self) -> None:
        self.now += 0.5

    def calm_down(self) -> None:
        """Let everybody run until they wait for something that only the model can give."""

        async def turns() -> None:
            await asyncio.sleep(0)  # what has become due goes first
            while self._ready:  # noqa: ASYNC110 - asyncio's own list of who can go on, and no event tells of it
                await asyncio.sleep(0)

        self.run_until_complete(turns())

    def end(self) -> None:
        """Everything that is still waiting ends here."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.calm_down()
        self.close()


class Turn(NamedTuple):
    """Something that a worker is about to do."""

    worker: str
    what: str
    go: "asyncio.Future[None]"


class Turns:
    """Everything that is about to be done, in the order in which it was wanted."""

    def __init__(self) -> None:
        self.waiting: list[Turn] = []
        self.dead: set[str] = set()

    async def come(self, worker: str, what: str) -> None:
        """Return when it may happen. A worker that was killed waits for ever: it does nothing any more."""
        go = asyncio.get_running_loop().create_future()
        turn = Turn(worker, what, go)
        if worker not in self.dead:
            self.waiting.append(turn)
        try:
            await go
        finally:
            if turn in self.waiting:
                self.waiting.remove(turn)

    def are_waiting(self, what: str) -> bool:
        return any(turn.what.startswith(what) for turn in self.waiting)

    def let(self, turn: Turn) -> None:
        self.waiting.remove(turn)
        turn.go.set_result(None)

    def kill(self, worker: str) -> None:
        self.dead.add(worker)
        self.waiting = [turn for turn in self.waiting if turn.worker != worker]


class Direct:
    """What a store needs of a client, without a loop that waits for sockets: real scripts, one after the other."""

    def __init__(self, valkey: "redis.Redis") -> None:
        self._valkey = valkey

    async def evalsha(self, sha: str, numkeys: int, *args: Any) -> Any:
        return self._valkey.evalsha(sha, numkeys, *args)

    async def eval(self, text: str, numkeys: int, *args: Any) -> Any:
        return self._valkey.eval(text, numkeys, *args)

    async def smembers(self, key: str) -> Any:
        return self._valkey.smembers(key)


class SteppedStore(Store):
    """The store, one script at a time; `books` hear of it."""

    def __init__(self, valkey: "redis.Redis", kind, worker: str, turns: Turns, books) -> None:
        super().__init__(Direct(valkey), kind, worker, history_days=7)
        self._turns = turns
        self._books = books

    async def load(self, where, event):
        await self._turn("load")
        return await super().load(where, event)

    async def commit(self, change):
        await self._turn(f"settle {change.settle}" if change.settle else "commit", change.token)
        return self._books.committed(change, await super().commit(change))

    async def claim(self, count, call_id=None):
        await self._turn("claim")
        return await super().claim(count, call_id)

    async def stamp(self, claim, commands):
        await self._turn(f"stamp {[command.row for command in commands]}", claim.token)
        return self._books.stamped(claim.token, await super().stamp(claim, commands))

    async def release(self, claim, waiting, now, next_in_s):
        await self._turn("release", claim.token)
        return await super().release(claim, waiting, now, next_in_s)

    async def admit(self, profile):
        await self._turn("admit")
        return await super().admit(profile)

    async def _turn(self, what: str, token: str | None = None) -> None:
        await self._turns.come(self._worker, what)
        self._books.used(token)


class Flight:
    """A request on its way; it may arrive long after its sender has died."""

    def __init__(self, worker: str, request: Request) -> None:
        self.worker = worker
        self.request = request
        self.reply: Answer | None = None  # once it has arrived
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    @property
    def name(self) -> str:
        return f"{self.request.path} of {self.worker}"


class Wire:
    """One worker's way to Telnyx; `flights` are those of all workers."""

    def __init__(self, worker: str, turns: Turns, books, flights: list[Flight]) -> None:
        self._worker = worker
        self._turns = turns
        self._books = books
        self._flights = flights

    async def send(self, request: Request, *_: Any) -> Answer:
        await self._turns.come(self._worker, f"send {request.path.rpartition('/')[2]}")
        self._books.leaves(request)
        flight = Flight(self._worker, request)
        self._flights.append(flight)
        return await flight.answer
