"""Send what a call has in its outbox, and settle each outcome, under a claim that one worker holds at a time.

A lane is what must go out in order (the commands to one leg); lanes run beside each other. A wait of over half
a second gives the call back, so that a Telnyx outage never fills the workers.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from shared.dialplan import Plan
from shared.faults import crash_point
from shared.ids import Row
from shared.log import log
from shared.telnyx import Meaning, Telnyx, meaning
from shared.timeline import AnswerEntry
from workers.delivery import counted, outbox
from workers.delivery.attempt import attempt
from workers.delivery.outbox import Claim, Command, Waiting
from workers.delivery.outcome import Tried, entry_of, outcome_of
from workers.delivery.retry import Succeeded, Wait
from workers.delivery.store import Committed, Store
from workers.delivery.withheld import withheld
from workers.logic.happened import CommandFailed, Outcome
from workers.logic.unknown import is_proven

HOLD_S: Final = 0.5  # a longer wait releases the call

Settle = Callable[[Claim, Command, Outcome, AnswerEntry], Awaitable[Committed]]


class ClaimLost(Exception):  # noqa: N818 - expected of a stalled worker, and no failure
    """Another worker sends for the call by now."""


class Drain:
    """The sending of one call's commands, from a claim to an empty outbox, a long wait or a lost claim."""

    def __init__(
        self, claim: Claim, fresh: frozenset[Row], store: Store, telnyx: Telnyx, settle: Settle, own: Plan
    ) -> None:
        """`fresh` are the commands that were stamped by the very commit that made the claim.

        `own` is the dialplan of this process, which bounds whom any command may ring.
        """
        self.claim = claim
        self._store = store
        self._telnyx = telnyx
        self._settle = settle
        self._own = own
        self._clock_offset = claim.now - claim.asked
        self._waiting: dict[Row, Waiting] = {}
        self._marked: set[Row] = set()  # Valkey knows that a try of theirs may have its effect unseen
        self._flights: dict[asyncio.Task[Tried], Row] = {}
        self._news = asyncio.Event()
        self._closing = False
        self._adopt(claim, fresh)

    def nudge(self) -> None:
        """Another worker has put more into this outbox."""
        self._news.set()

    def close(self) -> None:
        """Begin no further try: finish those in flight and give the call back."""
        self._closing = True
        self._news.set()

    async def run(self) -> float | None:
        """Send until nothing is left or everything waits. Returns the seconds until the next try, or None."""
        try:
            while self._waiting:
                for item in await self._ready():
                    self._flights[asyncio.create_task(self._try(item))] = item.command.row
                if self._flights:
                    if not await self._settle_next():
                        return None
                    continue
                wait = self._next_due() or 0.0
                if wait <= HOLD_S and not self._closing:
                    await asyncio.sleep(wait)
                elif (more := await self._release(wait)) is None:
                    return wait
                else:
                    self._adopt(more, frozenset())
        except ClaimLost:
            return None
        finally:
            for task in self._flights:
                task.cancel()
                task.add_done_callback(_ended)
        return None

    async def _release(self, wait: float) -> Claim | None:
        return await self._store.release(self.claim, list(self._waiting.values()), self._now(), wait)

    def _now(self) -> float:
        """The server's time, by our monotonic clock since the claim; never too early."""
        return time.monotonic() + self._clock_offset

    def _resting(self) -> list[Waiting]:
        """The head of each lane that is not in flight."""
        busy = set(self._flights.values())
        return [item for item in outbox.heads(self._waiting) if item.command.row not in busy]

    def _next_due(self) -> float | None:
        """Seconds until the next of them may be sent; None when there is none."""
        waits = [item.not_before - self._now() for item in self._resting()]
        return max(0.0, min(waits)) if waits else None

    async def _ready(self) -> list[Waiting]:
        """The heads that are due; Valkey knows of each try before its first byte."""
        if self._closing:
            return []
        due = [item.command.row for item in self._resting() if item.not_before <= self._now()]
        unmarked = [row for row in due if row not in self._marked]
        if unmarked and not await self._stamp(unmarked):
            self._waiting.clear()
            return []
        return [self._waiting[row] for row in due if self._waiting[row].first_at or self._waiting[row].refused]

    async def _stamp(self, rows: list[Row]) -> bool:
        """Let Valkey know that these are about to be sent, and judge the dials. False when the claim was lost."""
        stamped = await self._store.stamp(self.claim, [self._waiting[row].command for row in rows])
        if stamped is None:
            return False
        self._adopt(stamped, frozenset())
        for row in rows:
            known, told = self._waiting[row], stamped.waiting[row]
            first_at = known.first_at or told.first_at
            self._waiting[row] = known._replace(
                first_at=first_at,
                refused=told.refused,
                slot=told.slot,
                not_before=known.not_before if first_at else told.slot,
            )
        return True

    async def _settle_next(self) -> bool:
        """Wait for an answer, news or another lane's turn, and store what came. False when the claim was lost."""
        news = asyncio.create_task(self._news.wait())
        due_in = None if self._closing else self._next_due()
        await asyncio.wait({*self._flights, news}, timeout=due_in, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        if self._news.is_set():
            self._news.clear()
            if not self._closing and not await self._hear():
                return False
        for task in [task for task in self._flights if task.done()]:
            del self._flights[task]
            tried = task.result()
            if isinstance(tried.verdict, Wait):
                await self._wait(tried, tried.verdict)
            elif not await self._settled(tried):
                return False
        return True

    async def _wait(self, tried: Tried, verdict: Wait) -> None:
        """Keep the command for its next try. One dial too many for Telnyx holds back those of the whole fleet."""
        item = tried.item
        not_before = self._now() + verdict.delay_s
        if item.command.verb == "dial" and tried.answer is not None and tried.answer.status == 429:
            await self._store.hold_dials(not_before)
        self._waiting[item.command.row] = item._replace(
            tries=item.tries + 1, uncertain=verdict.uncertain, not_before=not_before
        )

    async def _hear(self) -> bool:
        """Take in what others have added. False when the claim was lost.

        A request that is still without an answer may be proven by now: its lane need not wait any longer.
        """
        again = await self._store.stamp(self.claim, [])
        if again is None:
            return False
        self._adopt(again, frozenset())
        for task, row in list(self._flights.items()):
            if row in self.claim.record.sent and is_proven(self.claim.record, row) and not task.done():
                del self._flights[task]
                task.cancel()
                now = time.time()
                if not await self._settled(Tried(self._waiting[row], Succeeded(), None, now, now)):
                    return False
        return True

    async def _settled(self, tried: Tried) -> bool:
        crash_point("before_settle")
        command = tried.item.command
        outcome = outcome_of(tried)
        if isinstance(outcome, CommandFailed) and tried.answer and meaning(tried.answer) is Meaning.DENIED:
            log.error("telnyx_denies_us", verb=command.verb, command_id=command.command_id, code=outcome.code)
        committed = await self._settle(self.claim, command, outcome, entry_of(self.claim.call, tried, outcome))
        if committed.verdict == "ok":
            counted.settled(self.claim.call, tried, outcome)
        if committed.claim is None:
            self._waiting.clear()
            return committed.verdict == "ok"
        self._adopt(committed.claim, committed.sending)
        return True

    def _adopt(self, claim: Claim, fresh: frozenset[Row]) -> None:
        """What the outbox holds now; what we know of our own tries stands.

        A first send that this very process has just stamped is certain: nothing went out before it.
        """
        self.claim = claim
        self._marked |= {row for row, item in claim.waiting.items() if item.uncertain}
        self._waiting = {
            row: self._waiting.get(row) or (item._replace(uncertain=False) if row in fresh else item)
            for row, item in claim.waiting.items()
        }

    async def _try(self, item: Waiting) -> Tried:
        """One try, or what becomes of a command that must not be sent any more. Raises ClaimLost."""
        # While it waited the call may have moved on, or been taken by another; a number may be one not to call.
        if item.tries > 0 or item.slot:
            again = await self._store.stamp(self.claim, [item.command])
            if again is None:
                raise ClaimLost
            self.claim = again
            item = item._replace(refused=again.waiting[item.command.row].refused)
        if (verdict := withheld(item, self.claim.record, self._own, self._now())) is not None:
            now = time.time()
            return Tried(item, verdict, None, now, now)
        return await attempt(self._telnyx, item, self._now)


def _ended(flight: "asyncio.Task[Tried]") -> None:
    """What ends a drain ends all its flights: asyncio need not log each as an error that nobody has seen."""
    if not flight.cancelled():
        flight.exception()
