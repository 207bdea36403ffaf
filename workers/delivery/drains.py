"""Every drain that runs in this process: their tasks, their claims, and when to look at a waiting call again."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog
from redis.exceptions import RedisError

from shared.cancelling import cancel_all
from shared.dialplan import Plan
from shared.faults import crash_point
from shared.ids import CallId, Row
from shared.log import log, where
from shared.queues import Kind
from shared.telnyx import Telnyx
from shared.valkey import is_away
from workers.delivery.drain import Drain, Settle
from workers.delivery.outbox import Claim, Token
from workers.delivery.store import Store

WAKE_WITHIN_S: Final = 10.0  # a later try is left to whoever sweeps then
RESUME_EVERY_S: Final = 0.2


class Held(NamedTuple):
    """A claim to be renewed."""

    call: CallId
    token: Token
    kind: Kind


class Drains:
    """Starts a drain for every claim; a call that waits a short while is claimed again in time by this process."""

    def __init__(self, store: Store, telnyx: Telnyx, most: int, own: Plan) -> None:
        """`most` drains send at once; the calls beyond are given back, for whoever has room first.

        `own` is the dialplan of this process.
        """
        self._store = store
        self._telnyx = telnyx
        self._most = most
        self._own = own
        self._running: dict[Token, tuple[Drain, asyncio.Task[None]]] = {}
        self._wakes: set[asyncio.Task[None]] = set()
        self._interrupted: dict[Token, Claim] = {}  # by Valkey, which may still know them as ours
        self._resuming: asyncio.Task[None] | None = None
        self._settle: Settle | None = None
        self._on_end: Callable[[], None] = lambda: None
        self._paused = False

    def settle_with(self, settle: Settle) -> None:
        """Wire the other half of the circle: outcomes go back through load, decide, commit."""
        self._settle = settle

    def on_end(self, call_back: Callable[[], None]) -> None:
        """Called whenever a drain has ended."""
        self._on_end = call_back

    def __len__(self) -> int:
        return len(self._running)

    def held(self) -> list[Held]:
        """What the lease thread renews; safe to call from another thread."""
        return [
            Held(drain.claim.call, token, drain.claim.kind) for token, (drain, _) in self._running.copy().items()
        ]

    def start(self, claim: Claim, fresh: frozenset[Row]) -> None:
        """Send a call's commands in the background, or give the call back where there is no room for it."""
        assert self._settle is not None
        drain = Drain(claim, fresh, self._store, self._telnyx, self._settle, self._own)
        if self._paused or len(self._running) >= self._most:
            drain.close()
        self._running[claim.token] = (drain, asyncio.create_task(self._run(claim, drain)))

    def nudge(self, call: str) -> None:
        """More was put into the outbox of a call that is drained here."""
        for drain, _ in self._running.values():
            if drain.claim.call == call:
                drain.nudge()

    async def claim_due(self) -> None:
        """Take over calls whose turn has come, or whose drainer died. Raises redis.exceptions.RedisError."""
        room = self._most - len(self._running)
        if self._paused or room <= 0:
            return
        await self._claim(room)

    async def _claim(self, count: int, call: CallId | None = None) -> None:
        claims = await self._store.claim(count, call)
        if claims:
            crash_point("after_claim")
        for claim in claims:
            self.start(claim, frozenset())

    def pause(self) -> None:
        """Send what is being sent, and give every call back."""
        self._paused = True
        for drain, _ in self._running.values():
            drain.close()

    def resume(self) -> None:
        self._paused = False

    async def stop(self, within_s: float) -> None:
        """As `pause`, and wait for it; what has not ended by then is left to its claim's end, and sent again."""
        self.pause()
        for waiting in (*self._wakes, *filter(None, [self._resuming])):
            waiting.cancel()
        tasks = [task for _, task in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=max(0.0, within_s))
        await cancel_all(tasks)

    async def _run(self, claim: Claim, drain: Drain) -> None:
        structlog.contextvars.unbind_contextvars("job", "event_id")  # it began in a job, and is none of it
        structlog.contextvars.bind_contextvars(call=claim.call)
        wait = None
        try:
            wait = await drain.run()
        except Exception as reason:  # noqa: BLE001 - the border of a drain: its claim ends, and another goes on
            if is_away(reason):
                log.warning("drain_interrupted", call=claim.call, reason=type(reason).__name__)
                self._resume_later(claim)
            else:
                log.error("drain_failed", call=claim.call, reason=where(reason))
        finally:
            del self._running[claim.token]
            self._on_end()
        if wait is not None and wait <= WAKE_WITHIN_S and not self._paused:
            task = asyncio.create_task(self._wake(claim.call, wait))
            self._wakes.add(task)
            task.add_done_callback(self._wakes.discard)

    async def _wake(self, call: CallId, wait: float) -> None:
        await asyncio.sleep(wait + 0.01)
        if self._paused or len(self._running) >= self._most:
            return  # the sweep finds it
        try:
            await self._claim(1, call)
        except (RedisError, OSError):
            log.debug("wake_failed", call=call)  # the sweep finds it

    def _resume_later(self, claim: Claim) -> None:
        self._interrupted[claim.token] = claim
        if self._resuming is None or self._resuming.done():
            self._resuming = asyncio.create_task(self._resume())

    async def _resume(self) -> None:
        """Go on as soon as Valkey is back, where no other worker has the call: a claim takes 3 s to run out."""
        while self._interrupted:
            claim = self._interrupted.pop(next(iter(self._interrupted)))
            try:
                again = await self._store.stamp(claim, [])
            except Exception as reason:  # noqa: BLE001 - as of a drain: the others must not wait for this one
                if is_away(reason):
                    self._interrupted[claim.token] = claim
                    await asyncio.sleep(RESUME_EVERY_S)
                else:
                    log.error("drain_failed", call=claim.call, reason=where(reason))
                continue
            if again is not None:
                self.start(again, frozenset())
