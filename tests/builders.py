"""Valid events in one line, and a call told as a list of them."""

import itertools

import msgspec

from shared import client_state, events
from shared.calls import Call
from shared.dialplan import Plan, parse
from shared.events import CallIds
from shared.ids import CallId, Row
from workers.logic.decide import decide
from workers.logic.decision import NOTHING_AROUND, Around, Decision, Outgoing
from workers.logic.happened import CommandSucceeded, Happened, TimerFired, Webhook

CALLER = "+12025550142"
CLINIC = "+13125550100"
CALL = CallId("0b8b1a52-0000-5000-8000-000000000001")
PLAN_HASH = "0123456789abcdef"

_numbers = itertools.count(1)


def plan(rules: str = "", more: str = "", zone: str = "UTC") -> Plan:
    """A plan with these rules: TOML text."""
    head = f'version = 1\ntimezone = "{zone}"\nvoice = "female"'
    return parse(f'{head}\n{more}\n{rules}\n[default]\nthen = {{ do = "reject" }}')


def rule(then: str, more: str = "") -> Plan:
    """A plan with one rule, for calls to CLINIC."""
    return plan(f'[[rules]]\nname = "the rule"\nwhen = {{ to = "{CLINIC}" }}\nthen = {then}', more)


def webhook(
    payload: events.Payload, leg: str = "caller", at: float = 0.0, row: int | None = None, event_id: str = ""
) -> Webhook:
    """An event of a leg; `row` makes it one of ours, by client_state."""
    state = client_state.write(CALL, Row(row), PLAN_HASH) if row is not None else None
    ids = CallIds(
        call_control_id=f"v3:{leg}",
        call_leg_id=leg,
        call_session_id="session",
        connection_id="2900000000000000001",
        client_state=state,
    )
    return Webhook(event_id or f"event-{next(_numbers)}", type(payload).__name__, at, ids, payload)


def initiated(to: str = CLINIC, from_: str = CALLER, at: float = 0.0, age_s: float = 0.0) -> Webhook:
    payload = events.CallInitiated(direction="incoming", to=to, from_=from_, state="parked")
    return msgspec.structs.replace(webhook(payload, at=at), age_s=age_s)


def leg_initiated(leg: str, row: int, at: float = 0.0) -> Webhook:
    return webhook(events.CallInitiated(direction="outgoing"), leg, at, row)


def answered(leg: str = "caller", at: float = 0.0, row: int | None = None) -> Webhook:
    return webhook(events.CallAnswered(), leg, at, row)


def bridged(leg: str = "caller", at: float = 0.0, row: int | None = None) -> Webhook:
    return webhook(events.CallBridged(), leg, at, row)


def spoken(leg: str = "caller", at: float = 0.0) -> Webhook:
    return webhook(events.SpeakEnded(), leg, at)


def played(leg: str = "caller", at: float = 0.0) -> Webhook:
    return webhook(events.PlaybackEnded(status="completed"), leg, at)


def pressed(digits: str, leg: str, at: float = 0.0) -> Webhook:
    return webhook(events.GatherEnded(digits=digits, status="valid" if digits else "timeout"), leg, at)


def recorded(leg: str = "caller", at: float = 0.0, recording_id: str = "recording-1") -> Webhook:
    return webhook(events.RecordingSaved(recording_id=recording_id, format="mp3"), leg, at)


def hung_up(
    leg: str = "caller", cause: str = "normal_clearing", at: float = 0.0, row: int | None = None
) -> Webhook:
    return webhook(events.CallHungUp(hangup_cause=cause), leg, at, row)


def verdict(result: str, leg: str = "called", at: float = 0.0) -> Webhook:
    return webhook(events.PremiumDetectionEnded(result=result), leg, at)


def standard_verdict(result: str, leg: str = "called", at: float = 0.0) -> Webhook:
    return webhook(events.MachineDetectionEnded(result=result), leg, at)


class Told:
    """A call that things happen to, and what was decided each time."""

    def __init__(self, under: Plan, around: Around = NOTHING_AROUND, *, admits: bool = True) -> None:
        """`admits`: an outbound call's turn comes as soon as it is asked for."""
        self.plan = under
        self.around = around
        self.admits = admits
        self.call = Call(CALL, plan=PLAN_HASH, connection="2900000000000000001")
        self.version = 0
        self.decisions: list[Decision] = []
        self.applied: set[str] = set()

    def tell(self, *happened: Happened) -> "Told":
        """Apply events in this order; a webhook that was applied before is left out, as the store does."""
        for event in happened:
            if isinstance(event, Webhook) and event.id in self.applied:
                continue
            if isinstance(event, Webhook):
                self.applied.add(event.id)
            decision = decide(self.call, event, self.plan, self.version + 1, self.around)
            self.call = decision.call
            self.version += 1
            self.decisions.append(decision)
            if decision.admission is not None and self.admits:
                self.tell(TimerFired(decision.admission.name, self.version, event.at))
        return self

    def fire(self, name: str) -> "Told":
        """Let a timer fire that the record waits for."""
        return self.tell(TimerFired(name, self.call.timers[name], 0.0))

    @property
    def sent(self) -> list[Outgoing]:
        return [outgoing for decision in self.decisions for outgoing in decision.outgoing]

    @property
    def verbs(self) -> list[str]:
        return [f"{out.verb} {out.lane}" if out.verb == "hangup" else out.verb for out in self.sent]

    def row(self, verb: str) -> Row:
        """The newest command of a verb."""
        return max(out.row for out in self.sent if out.verb == verb)

    def accept(self, verb: str) -> "Told":
        """Telnyx takes the newest command of this verb."""
        return self.tell(CommandSucceeded(self.row(verb), 0.0))
