"""Plays calls against a running fleet: places them, each at its time, and waits until everything is quiet."""

import asyncio
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import httpx
import msgspec
from redis.asyncio import Redis

from console import audit
from console.demo.calls import Placement, taken_otherwise
from console.demo.report import Played
from console.demo.scenarios import Kind, Scenario
from shared import queues
from shared.dialplan import Plan
from shared.ids import CallId, SessionId, inbound_call_id

QUIET_WITHIN_S: Final = 60.0  # of the last call's beginning
BEHIND: Final = 40  # events; a machine that is busy with other things gets its calls more slowly
LOOK_EVERY_S: Final = 0.25
PATIENCE_S: Final = 30.0  # with whoever is asked
ASKS: Final = 10
FIRST_COMMAND_WITHIN_S: Final = (
    300.0  # Telnyx's 30 s or more at any speed of the stand-in: workers are not sped up
)


class Where(NamedTuple):
    """A running fleet: where its parts are, and its token for `POST /calls`."""

    control: str
    web: str
    redis_url: str
    recordings: Path
    token: str
    connection: str


class Player:
    """A context, of one run; `ask` gets what the stand-in's control API tells."""

    def __init__(self, where: Where, plan: Plan, show: Callable[[str], None]) -> None:
        self.where = where
        self.redis = Redis.from_url(where.redis_url, socket_timeout=PATIENCE_S)
        self._plan = plan
        self._show = show
        self._keeps_up = asyncio.Event()
        self._keeps_up.set()
        self._http = httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()
        await self.redis.aclose()

    async def play(self, scenarios: list[Scenario], placements: list[Placement]) -> list[Played]:
        """Place them, and return when nothing goes on any more; one whose hour has passed by then is left out.

        Raises redis.exceptions.RedisError, httpx.HTTPError.
        """
        await self._put("config", {"first_command_timeout_secs": FIRST_COMMAND_WITHIN_S})
        for scenario in scenarios:
            await self._put("callees", scenario.callees)
        placing = asyncio.create_task(self._place_all(placements))
        try:
            await self._until_quiet(placing, len(placements))
            return [one for one in await placing if one is not None]
        finally:
            placing.cancel()
            await asyncio.gather(placing, return_exceptions=True)

    async def _place_all(self, placements: list[Placement]) -> list[Played | None]:
        """Each at its time; while the fleet has fallen behind, that time stands still."""
        began, placed = time.monotonic(), []
        try:
            async with asyncio.TaskGroup() as together:
                for placement in placements:
                    await asyncio.sleep(began + placement.at_s - time.monotonic())
                    since = time.monotonic()
                    await self._keeps_up.wait()
                    began += time.monotonic() - since
                    placed.append(together.create_task(self._place(placement.kind)))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None  # one of them tells enough
        return [one.result() for one in placed]

    async def _place(self, kind: Kind) -> Played | None:
        if kind.request is not None:
            return await self._ask_for(kind)
        if taken_otherwise(self._plan, kind, self.where.connection, time.time()):
            return None
        answer = await self._http.post(f"{self.where.control}/calls", json=kind.call)
        session = SessionId(answer.raise_for_status().json()["call_session_id"])
        return Played(kind, inbound_call_id(session), session)

    async def _ask_for(self, kind: Kind) -> Played:
        """As an application would: not answered, or not stored for now, it is asked again with the same key."""
        headers = {"Authorization": f"Bearer {self.where.token}", "Idempotency-Key": str(uuid.uuid4())}
        body = msgspec.to_builtins(kind.request)
        for left in reversed(range(ASKS)):
            try:
                answer = await self._http.post(f"{self.where.web}/calls", json=body, headers=headers)
            except httpx.TransportError:  # the web process that held this connection has stopped, or was killed
                if not left:
                    raise
                continue
            if answer.status_code != 503:
                break
            await asyncio.sleep(float(answer.headers["retry-after"]))
        return Played(kind, CallId(answer.raise_for_status().json()["id"]))

    async def _until_quiet(self, placing: "asyncio.Task[Any]", of: int) -> None:
        """Quiet at two looks in a row: within one, work may have gone from one side to the other."""
        began, quiet = time.monotonic(), 0
        last_placed = began
        while quiet < 2 and time.monotonic() - last_placed < QUIET_WITHIN_S:
            await asyncio.sleep(LOOK_EVERY_S)
            is_quiet, told = await self._look(of)
            self._show(f"{time.monotonic() - began:5.1f} s  {told}")
            quiet = quiet + 1 if is_quiet and placing.done() else 0
            last_placed = last_placed if placing.done() else time.monotonic()

    async def _look(self, of: int) -> tuple[bool, str]:
        """Whether nothing goes on on either side, and how far everything is."""
        idle = await self.ask("idle")
        account = await audit.take(self.redis)
        if account.pending > BEHIND:
            self._keeps_up.clear()
        else:
            self._keeps_up.set()
        begun = await self.redis.zcard(queues.CALLS)
        counts = f"{account.applied} applied, {account.pending} pending, {account.duplicates} duplicates"
        told = f"calls {begun}/{of}, {idle['live_legs']} legs live  events {counts}"
        return idle["idle"] and account.quiet, told

    async def ask(self, what: str) -> Any:
        answer = await self._http.get(f"{self.where.control}/{what}")
        return answer.raise_for_status().json()

    async def _put(self, what: str, body: object) -> None:
        (await self._http.put(f"{self.where.control}/{what}", json=body)).raise_for_status()
