"""Load, decide, commit: how anything that happened is applied to its call, exactly once.

The loser of a race reloads and decides again. What is to be sent is handed to the drainer after the commit;
nothing is sent from here.
"""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec
import structlog

from shared import client_state, events, ids, metrics
from shared.calls import Call
from shared.dialplan.hooks import HookFunction
from shared.events import Envelope
from shared.faults import crash_point
from shared.ids import CallId, LegId, Row, SessionId
from shared.log import log
from shared.timeline import AnswerEntry
from workers.delivery import entries, outbox
from workers.delivery.change import Change, Loaded
from workers.delivery.entries import Times
from workers.delivery.outbox import Claim, Command
from workers.delivery.plans import Plans
from workers.delivery.store import Committed, Store, Where
from workers.logic.decide import decide
from workers.logic.decision import Around, Decision
from workers.logic.happened import CallCancelled, CallRequested, Happened, Outcome, TimerFired, Webhook
from workers.logic.hook import NO_ACTION


async def give_way(lost: int) -> None:
    """Wait a moment after so many lost races: a call that all workers want is left to a few of them at a time."""
    longest_s = min(0.008 * lost, 0.064)
    await asyncio.sleep(random.uniform(0.0, longest_s))  # noqa: S311 - it only spreads load


class Handler:
    """Applies what happened to calls; `send` takes over the claims that commits grant."""

    def __init__(
        self,
        store: Store,
        plans: Plans,
        connection: str,
        send: Callable[[Claim, frozenset[Row]], None],
        admit: Callable[[str], None] = lambda _: None,
        hooks: Mapping[str, HookFunction] = {},
        give_way: Callable[[int], Awaitable[None]] = give_way,
    ) -> None:
        """`connection` is the application for outbound calls whose profile names none.

        `admit` hears of a profile in which another call may have its turn; `give_way` waits after lost races.
        """
        self._store = store
        self._plans = plans
        self._connection = connection
        self._send = send
        self._admit = admit
        self._hooks = hooks
        self._give_way = give_way
        self._locks: dict[CallId, tuple[asyncio.Lock, int]] = {}

    async def webhook(self, envelope: Envelope, raw: bytes, times: Times) -> None:
        """Apply a verified event. Raises JobRefused, or redis.exceptions.RedisError."""
        happened = Webhook(
            envelope.id,
            envelope.event_type,
            times.occurred or times.received,
            envelope.ids,
            events.read_payload(envelope),
            times.started - times.occurred if times.occurred else 0.0,
        )
        await self.apply(happened, _where(envelope), envelope.event_type, times, event=envelope.id, raw=raw)

    async def apply(
        self,
        happened: Happened,
        where: Where,
        name: str,
        times: Times,
        event: str | None = None,
        raw: bytes = b"",
    ) -> None:
        """Apply anything that has no command of its own. `event` is its id in the account of accepted events."""
        async with self._alone(where.tagged or where.new):
            for lost in itertools.count():
                if lost:
                    await self._give_way(lost)
                before = await self._store.load(where, event)
                structlog.contextvars.bind_contextvars(call=before.id)  # to whatever is logged of this job
                if before.applied or (before.call is None and isinstance(happened, TimerFired)):
                    return
                decision = await self._decide(before, happened)
                commands = _build(before, decision, times.received if isinstance(happened, Webhook) else 0.0)
                told = entries.of_event(happened, name, event, raw, times, decision, before.version + 1)
                written = entries.written(told, commands, decision)
                crash_point("before_commit")
                committed = await self._store.commit(Change(before, decision, commands, written, event=event))
                if committed.verdict != "stale":
                    break
                log.debug("commit_lost_race", call=before.id, happened=name)
            crash_point("after_commit")
            if committed.verdict == "ok":
                log.debug("applied", what=name, version=before.version + 1, commands=len(commands))
                _count_verdict(happened)
                self._follow_up(decision)
            if committed.claim is not None:
                self._send(committed.claim, committed.sending)

    async def settle(self, claim: Claim, command: Command, outcome: Outcome, answer: AnswerEntry) -> Committed:
        """Apply the outcome of a command under its claim. The verdict `fenced` says that the claim was lost.

        It is decided on the record that came with the claim, which is read again only where it has changed since.
        """
        async with self._alone(claim.call):
            before = Loaded(claim.call, claim.version, claim.record, applied=False)
            while True:
                decision = await self._decide(before, outcome)
                commands = _build(before, decision)
                told = entries.of_answer(answer, decision, before.version + 1)
                written = entries.written(told, commands, decision)
                change = Change(before, decision, commands, written, settle=command.row, token=claim.token)
                committed = await self._store.commit(change)
                if committed.verdict != "stale":
                    break
                before = await self._store.load_call(claim.call)
            if committed.verdict == "ok":
                self._follow_up(decision)
            return committed

    async def _decide(self, before: Loaded, happened: Happened) -> Decision:
        call = before.call or Call(before.id, connection=self._connection)
        if not call.plan and not isinstance(happened, CallCancelled):  # one that is cancelled first has not begun
            plan = happened.request.plan if isinstance(happened, CallRequested) else self._plans.current
            call = msgspec.structs.replace(call, plan=plan)
        plan_of_call = await self._plans.get(call.plan or self._plans.current)
        return decide(call, happened, plan_of_call, before.version + 1, Around(before.turns, self._hooks))

    def _follow_up(self, decision: Decision) -> None:
        """See to what a decision brings about beside its commands, now that it stands."""
        _tell_of_hooks(decision)
        if decision.left:
            self._admit(decision.left)
        elif decision.admission is not None:
            self._admit(decision.admission.profile)

    @asynccontextmanager
    async def _alone(self, key: CallId) -> AsyncIterator[None]:
        """Events of one call take turns within this process, so that hardly any race is within one."""
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[key]
            if users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, users - 1)


def _where(envelope: Envelope) -> Where:
    """By the call that our client_state names, then by leg, then by session; else a call of its own."""
    tag = client_state.read(envelope.ids.client_state)
    leg, session = envelope.ids.call_leg_id, envelope.ids.call_session_id
    return Where(
        tag.call if tag else None,
        LegId(leg) if leg else None,
        SessionId(session) if session else None,
        ids.inbound_call_id(SessionId(session or leg or envelope.id)),
    )


def _build(before: Loaded, decision: Decision, received: float = 0.0) -> list[Command]:
    """`received` is when the webhook came that is answered: by what heads its lane and need not wait."""
    version, lanes, commands = before.version + 1, set[str](), list[Command]()
    for n, outgoing in enumerate(decision.outgoing):
        is_at_once = outgoing.lane not in lanes and not outgoing.delay_s
        lanes.add(outgoing.lane)
        commands.append(outbox.build(before.id, version, n, outgoing, received if is_at_once else 0.0))
    return commands


def _count_verdict(happened: Happened) -> None:
    """Of machine detection, applied to its call for the first time."""
    if isinstance(happened, Webhook) and isinstance(
        happened.payload, events.MachineDetectionEnded | events.PremiumDetectionEnded
    ):
        metrics.AMD_VERDICTS.add(happened.payload.result or metrics.OTHER)


def _tell_of_hooks(decision: Decision) -> None:
    """One that fails costs no call, as `[default]` takes it: without a word nobody would mend it."""
    for asked in decision.hooks:
        answer = "action" if asked.action is not None else "none" if asked.trouble == NO_ACTION else "failed"
        metrics.HOOKS.add(answer)
        if answer == "failed":
            log.error("hook_failed", hook=asked.name, reason=asked.trouble, doing="going on to [default]")
