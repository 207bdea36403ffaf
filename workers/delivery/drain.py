"""Send what a call has in its outbox, and settle each outcome, under a claim that one worker holds at a time.

A lane is what must go out in order (the commands to one leg); lanes run beside each other. A wait of over half
a second gives the call back, so that a Telnyx outage never fills the workers.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from shared.calls import Call
from shared.faults import crash_point
from shared.ids import Row
from shared.log import log
from shared.telnyx import Answer, Meaning, Telnyx, meaning
from shared.timeline import AnswerEntry
from workers.delivery import outbox
from workers.delivery.outbox import Claim, Command, Waiting
from workers.delivery.retry import RESEND_WITHIN_S, Attempt, Failed, Succeeded, Unproven, Verdict, Wait, judge
from workers.delivery.store import Committed, Store
from workers.logic.decide import still_wanted
from workers.logic.happened import CommandFailed, CommandSucceeded, CommandUnknown, CommandVoided, Outcome

SILENCE_S: Final = 0.5  # then the same bytes go out once more (Telnyx docs: command-retries)
TIMEOUT_S: Final = 5.0  # of either request
HOLD_S: Final = 0.5  # a longer wait releases the call

Settle = Callable[[Claim, Command, Outcome, AnswerEntry], Awaitable[Committed]]


class Sent(NamedTuple):
    """One try: its verdict, and when it was sent and answered (Unix seconds)."""

    item: Waiting
    verdict: Verdict
    answer: Answer | None
    sent: float
    answered: float


class Drain:
    """The sending of one call's commands, from a claim to an empty outbox, a long wait or a lost claim."""

    def __init__(self, claim: Claim, fresh: frozenset[Row], store: Store, telnyx: Telnyx, settle: Settle) -> None:
        self.claim = claim
        self._store = store
        self._telnyx = telnyx
        self._settle = settle
        self._record: Call = claim.record
        self._waiting = {row: _as_sent_by_us(item, row in fresh) for row, item in claim.waiting.items()}
        self._clock_offset = claim.now - time.monotonic()
        self._flights: dict[asyncio.Task[Sent], Row] = {}
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Another worker has put more into this outbox."""
        self._nudged.set()

    async def run(self) -> float | None:
        """Send until nothing is left or everything waits. Returns the seconds until the next try, or None."""
        try:
            while self._waiting:
                self._launch(await self._ready())
                if not self._flights:
                    wait = self._shortest_wait()
                    if wait > HOLD_S:
                        await self._store.release(self._now_claim(), list(self._waiting.values()), wait)
                        return wait
                    await asyncio.sleep(wait)
                elif not await self._settle_next():
                    return None
        finally:
            for task in self._flights:
                task.cancel()
        return None

    def _now(self) -> float:
        """The server's time, by our monotonic clock since the claim."""
        return time.monotonic() + self._clock_offset

    def _now_claim(self) -> Claim:
        return self.claim._replace(now=self._now())

    async def _ready(self) -> list[Waiting]:
        """The heads that are due; each has its first send stored before its first byte."""
        busy = set(self._flights.values())
        due = [
            item
            for item in outbox.heads(self._waiting)
            if item.command.row not in busy and item.not_before <= self._now()
        ]
        unstamped = [item.command.row for item in due if item.first_at is None]
        if unstamped:
            stamped = await self._store.stamp(self.claim, unstamped)
            if stamped is None:
                self._waiting.clear()
                return []
            for row in unstamped:
                self._waiting[row] = self._waiting[row]._replace(first_at=stamped.now)
        return [self._waiting[item.command.row] for item in due]

    def _launch(self, items: list[Waiting]) -> None:
        for item in items:
            self._flights[asyncio.create_task(self._try(item))] = item.command.row

    def _shortest_wait(self) -> float:
        now = self._now()
        return max(0.0, min((item.not_before - now for item in outbox.heads(self._waiting)), default=0.0))

    async def _settle_next(self) -> bool:
        """Wait for the next answer and store what it means. False when the claim was lost."""
        nudge = asyncio.create_task(self._nudged.wait())
        await asyncio.wait({*self._flights, nudge}, return_when=asyncio.FIRST_COMPLETED)
        nudge.cancel()
        if self._nudged.is_set():
            self._nudged.clear()
            if not await self._look_again():
                return False
        for task in [task for task in self._flights if task.done()]:
            row = self._flights.pop(task)
            sent = task.result()
            if isinstance(sent.verdict, Wait):
                self._waiting[row] = sent.item._replace(
                    tries=sent.item.tries + 1,
                    uncertain=sent.verdict.uncertain,
                    not_before=self._now() + sent.verdict.delay_s,
                )
            elif not await self._settled(sent):
                return False
        return True

    async def _settled(self, sent: Sent) -> bool:
        crash_point("before_settle")
        command = sent.item.command
        outcome = _outcome(command, sent)
        if isinstance(outcome, CommandFailed) and sent.answer and meaning(sent.answer) is Meaning.DENIED:
            log.error("telnyx_denies_us", call=self.claim.call, verb=command.verb, code=outcome.code)
        committed = await self._settle(self.claim, command, outcome, _entry(sent, outcome))
        if committed.claim is None:
            self._waiting.clear()
            return committed.verdict == "ok"
        self._adopt(committed.claim, committed.sending)
        return True

    async def _look_again(self) -> bool:
        again = await self._store.stamp(self.claim, [])
        if again is None:
            return False
        self._adopt(again._replace(record=self._record), frozenset())
        return True

    def _adopt(self, claim: Claim, fresh: frozenset[Row]) -> None:
        """What the outbox holds now; what we know of our own tries stands."""
        self._record = claim.record
        self._waiting = {
            row: self._waiting.get(row) or _as_sent_by_us(item, row in fresh)
            for row, item in claim.waiting.items()
        }

    async def _try(self, item: Waiting) -> Sent:
        """One try: the request, after half a second of silence once more, and what its answer means."""
        started = time.time()
        if item.tries > 0 or item.command.row not in self._record.sent:  # others may have moved the call on
            self._record = (await self._store.load_call(self.claim.call)).call or self._record
        if not still_wanted(self._record, item.command.row):
            unwanted: Verdict = Unproven() if item.uncertain else Failed("void")
            return Sent(item, unwanted, None, started, started)
        assert item.first_at is not None
        if self._now() - item.first_at > RESEND_WITHIN_S:
            verdict: Verdict = Unproven() if item.uncertain else Failed("late", again_in_s=0.0)
            return Sent(item, verdict, None, started, started)
        answer = await self._ask(item, item.first_at)
        attempt = Attempt(item.command.verb, self._now() - item.first_at, item.tries + 1, item.uncertain)
        jitter = random.uniform(0.75, 1.0)  # noqa: S311 - it only spreads load
        return Sent(item, judge(answer, meaning(answer), attempt, jitter), answer, started, time.time())

    async def _ask(self, item: Waiting, first_at: float) -> Answer:
        request = item.command.request
        asked = {asyncio.create_task(self._telnyx.send(request, TIMEOUT_S, _written))}
        try:
            done, _ = await asyncio.wait(asked, timeout=SILENCE_S)
            if not done and self._now() - first_at <= RESEND_WITHIN_S:
                asked.add(asyncio.create_task(self._telnyx.send(request, TIMEOUT_S, _written)))
            return await _first_answer(asked)
        finally:
            for task in asked:
                task.cancel()


def _written() -> None:
    crash_point("after_write")


async def _first_answer(asked: set[asyncio.Task[Answer]]) -> Answer:
    """The first that is an answer at all; when none is, the one that may have reached Telnyx."""
    pending = set(asked)
    silent: list[Answer] = []
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.result().status is not None:
                return task.result()
            silent.append(task.result())
    return max(silent, key=lambda answer: answer.reached)


def _as_sent_by_us(item: Waiting, fresh: bool) -> Waiting:
    """A first send that this very process has just stamped is certain: nothing went out before it."""
    return item._replace(uncertain=False) if fresh else item


def _outcome(command: Command, sent: Sent) -> Outcome:
    match sent.verdict:
        case Succeeded():
            assert sent.answer is not None
            return CommandSucceeded(command.row, sent.answered, sent.answer.data, sent.answer.items)
        case Failed(code="void"):
            return CommandVoided(command.row, sent.answered)
        case Failed(code, ended, again_in_s):
            again = again_in_s is not None
            return CommandFailed(command.row, sent.answered, code, ended, again, again_in_s or 0.0)
        case _:
            return CommandUnknown(command.row, sent.answered)


def _entry(sent: Sent, outcome: Outcome) -> AnswerEntry:
    return AnswerEntry(
        sent.item.command.row,
        sent.item.command.verb,
        type(outcome).__name__.removeprefix("Command").lower(),
        sent.sent,
        sent.answered,
        sent.item.tries + 1,
        sent.answer.status if sent.answer else None,
        outcome.code if isinstance(outcome, CommandFailed) else "",
    )
