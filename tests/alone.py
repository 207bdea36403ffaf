"""One call by itself, from its beginning to its end: our decisions and the stand-in's state machine, on one clock.

No network, no queue, no second worker, nothing that goes wrong: what a call comes to here, the fleet has to come
to as well, whatever happens on the way.
"""

import heapq
import itertools
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from shared import events
from shared.calls import Call, Request
from shared.dialplan import Plan
from shared.events import read_envelope
from shared.ids import CallId
from simulator.leg import Emit
from simulator.payloads import wire_time
from simulator.refusals import Refusal
from simulator.scenario import Habits, InboundCall
from tests.sim_line import Line
from workers.delivery import outbox
from workers.logic.decide import decide, still_wanted
from workers.logic.decision import Decision, Outgoing
from workers.logic.happened import (
    CallRequested,
    CommandFailed,
    CommandSucceeded,
    CommandVoided,
    Happened,
    TimerFired,
    Webhook,
)

CALL = CallId("00000000-0000-5000-8000-000000000001")
CONNECTION = "2900"
ENDED = "90018"
LONGEST_S = 3600.0
WAY_S = 0.05  # from a decision to its effect at Telnyx


class Came(NamedTuple):
    """The record at the end, and how often each command took effect."""

    call: Call
    commands: Counter[str]


class Alone:
    """Plays one call under a plan, among these people, from `now` on (Unix seconds)."""

    def __init__(self, plan: Plan, people: Mapping[str, Habits], now: float) -> None:
        self._plan = plan
        self._line = Line()
        self._line.now = now
        self._line.switch.callees |= people
        self._call = Call(CALL, plan="plan", connection=CONNECTION)
        self._version = 0
        self._commands: Counter[str] = Counter()
        self._later: list[tuple[float, int, Happened | Outgoing]] = []
        self._order = itertools.count()

    def ring_in(self, call: Mapping[str, Any]) -> Came:
        _, effects = self._line.legs.ring_in(msgspec.convert(call, InboundCall), self._line.now)
        self._line.run(effects)
        return self._to_the_end()

    def ask_for(self, profile: str, to: str, variables: dict[str, str]) -> Came:
        self._tell(CallRequested(Request(CALL, profile, to, variables, "plan"), self._line.now))
        return self._to_the_end()

    def _to_the_end(self) -> Came:
        end = self._line.now + LONGEST_S
        while self._line.now < end:
            if self._line.told:
                self._tell(_webhook(self._line.told.pop(0)))
            elif self._later and self._later[0][0] <= self._line.now:
                self._now(heapq.heappop(self._later)[2])
            elif (at := self._next()) is not None:
                self._line.wait(at - self._line.now)
            else:
                break
        return Came(self._call, self._commands)

    def _next(self) -> float | None:
        moments = (self._line.next_at, self._later[0][0] if self._later else None)
        return min((at for at in moments if at is not None), default=None)

    def _now(self, what: Happened | Outgoing) -> None:
        if isinstance(what, Outgoing):
            self._send(what)
        elif not isinstance(what, TimerFired) or self._call.timers.get(what.name) == what.version:
            self._tell(what)

    def _tell(self, happened: Happened) -> None:
        decision = decide(self._call, happened, self._plan, self._version + 1)
        self._call, self._version = decision.call, self._version + 1
        self._plan_ahead(decision)

    def _plan_ahead(self, decision: Decision) -> None:
        now = self._line.now
        for out in decision.outgoing:
            self._at(now + WAY_S + out.delay_s, out)
        for timer in decision.timers:
            self._at(now + timer.delay_s, TimerFired(timer.name, self._version, now + timer.delay_s))
        if decision.admission is not None:
            self._at(now, TimerFired(decision.admission.name, self._version, now))

    def _at(self, when: float, what: Happened | Outgoing) -> None:
        heapq.heappush(self._later, (when, next(self._order), what))

    def _send(self, out: Outgoing) -> None:
        if not still_wanted(self._call, out.row):
            self._tell(CommandVoided(out.row, self._line.now))
            return
        request = outbox.build(CALL, self._version, 0, out).request
        body = json.loads(request.body or b"{}")
        try:
            if out.verb == "dial":
                self._line.dial(**{("from" if key == "from_" else key): value for key, value in body.items()})
                leg = list(self._line.switch.legs.values())[-1]
                names = ("call_control_id", "call_leg_id", "call_session_id")
                data = {name: getattr(leg, name) for name in names}
            else:
                data = self._line.command(out.verb, out.control_id, **body)
        except Refusal as refusal:
            self._tell(CommandFailed(out.row, self._line.now, refusal.code, ended=refusal.code == ENDED))
            return
        self._commands[out.verb] += 1
        self._tell(CommandSucceeded(out.row, self._line.now, data))


def came_to(call: Call) -> str:
    """What a call came to, in a word: an outbound one has an outcome.

    Who was the first to hang up is left open: it may be told late, and a hangup of ours then meets no leg.
    """
    if call.outcome:
        return call.outcome
    if call.main_leg is not None and call.main_leg.bridged_at is not None:
        return "connected"
    done = {sent.verb for sent in call.sent.values() if sent.state == "done"}
    words = {"record_start": "a message", "reject": "rejected"}
    return next((word for verb, word in words.items() if verb in done), "not connected")


def _webhook(told: Emit) -> Webhook:
    data = {
        "record_type": "event",
        "event_type": told.event_type,
        "id": told.event_id,
        "occurred_at": wire_time(told.occurred_at),
        "payload": told.payload,
    }
    envelope = read_envelope(json.dumps({"data": data}).encode())
    return Webhook(envelope.id, envelope.event_type, told.occurred_at, envelope.ids, events.read_payload(envelope))
