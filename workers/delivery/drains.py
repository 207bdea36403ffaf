"""Every drain that runs in this process: their tasks, their claims, and when to look at a waiting call again."""

import asyncio
from typing import NamedTuple

from redis.exceptions import RedisError

from shared.ids import CallId, Row
from shared.log import log
from shared.telnyx import Telnyx
from workers.delivery.drain import Drain, Settle
from workers.delivery.outbox import Claim, Token
from workers.delivery.store import Store

WAKE_WITHIN_S = 10.0  # a later try is left to whoever sweeps then


class Held(NamedTuple):
    """A claim to be renewed."""

    call: CallId
    token: Token
    kind: str


class Drains:
    """Starts a drain for every claim; a call that waits a short while is claimed again in time by this process."""

    def __init__(self, store: Store, telnyx: Telnyx) -> None:
        self._store = store
        self._telnyx = telnyx
        self._running: dict[Token, tuple[Drain, asyncio.Task[None]]] = {}
        self._wakes: set[asyncio.Task[None]] = set()
        self._settle: Settle | None = None
        self._stopping = False

    def settle_with(self, settle: Settle) -> None:
        """Wire the other half of the circle: outcomes go back through load, decide, commit."""
        self._settle = settle

    def __len__(self) -> int:
        return len(self._running)

    def held(self) -> list[Held]:
        """What the lease thread renews; safe to call from another thread."""
        return [
            Held(drain.claim.call, token, drain.claim.kind) for token, (drain, _) in self._running.copy().items()
        ]

    def start(self, claim: Claim, fresh: frozenset[Row]) -> None:
        """Send a call's commands in the background."""
        assert self._settle is not None
        drain = Drain(claim, fresh, self._store, self._telnyx, self._settle)
        self._running[claim.token] = (drain, asyncio.create_task(self._run(claim, drain)))

    def nudge(self, call: CallId) -> None:
        """More was put into the outbox of a call that is drained here."""
        for drain, _ in self._running.values():
            if drain.claim.call == call:
                drain.nudge()

    async def claim_due(self, count: int) -> None:
        """Take over calls whose turn has come, or whose drainer died. Raises redis.exceptions.RedisError."""
        if self._stopping or count <= 0:
            return
        for claim in await self._store.claim(count):
            self.start(claim, frozenset())

    async def stop(self, within_s: float) -> None:
        """Let what is in flight end; what has not ended by then is left to its claim's end, and sent again."""
        self._stopping = True
        for wake in self._wakes:
            wake.cancel()
        tasks = [task for _, task in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=max(0.0, within_s))
        for _, task in list(self._running.values()):
            task.cancel()

    async def _run(self, claim: Claim, drain: Drain) -> None:
        try:
            wait = await drain.run()
        except (RedisError, OSError) as reason:
            log.warning(
                "drain_interrupted", call=claim.call, reason=type(reason).__name__, doing="its claim will end"
            )
            wait = None
        finally:
            del self._running[claim.token]
        if wait is not None and wait <= WAKE_WITHIN_S and not self._stopping:
            task = asyncio.create_task(self._wake(claim.call, wait))
            self._wakes.add(task)
            task.add_done_callback(self._wakes.discard)

    async def _wake(self, call: CallId, wait: float) -> None:
        await asyncio.sleep(wait + 0.01)
        try:
            for claim in await self._store.claim(1, call):
                self.start(claim, frozenset())
        except (RedisError, OSError):
            log.debug("wake_failed", call=call)  # the sweep finds it
