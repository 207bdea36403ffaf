"""Calls and commits in one line, for tests of the store."""

import msgspec

from shared import commands
from shared.calls import Call, Leg, Sent, Step, Verb
from shared.ids import CallId, ControlId, LegId, Row, SessionId
from tests.integration.workers.bench import loaded_plan
from workers.delivery import outbox
from workers.delivery.change import Change, Loaded
from workers.delivery.outbox import Token
from workers.logic.decision import Decision, Outgoing, Sendable, Timer

CALL, LEG, SESSION = CallId("call-1"), LegId("leg-1"), SessionId("session-1")
PLAN_HASH = loaded_plan().hash


def leg(session: str = SESSION, **facts) -> Leg:
    return Leg(control_id=ControlId("v3:leg-1"), session_id=SessionId(session), **facts)


def call(call_id: str = CALL, at: str = "connected", **changes) -> Call:
    """A call that waits for nothing: its caller is connected."""
    facts = {"plan": PLAN_HASH, "main": LEG, "legs": {LEG: leg()}, **changes}
    return Call(CallId(call_id), step=Step(1, at), **facts)


def outgoing(row: int, verb: Verb = "hangup", lane: str = "", delay_s: float = 0.0) -> Outgoing:
    command: Sendable = commands.Hangup()
    if verb == "dial":
        command = commands.Dial(connection_id="29", from_="+13125550300", to=f"+1312555020{row}")
    return Outgoing(
        Row(row), verb, lane or (f"row {row}" if verb == "dial" else LEG), command, _control(verb), delay_s
    )


def _control(verb: Verb) -> ControlId | None:
    return None if verb == "dial" else ControlId("v3:leg-1")


def decided(before: Call, *sent: Outgoing, timers: tuple[Timer, ...] = (), **more) -> Decision:
    """A decision that sends these, with what the record then says of them."""
    known = dict(before.sent)
    for out in sent:
        leg_id = None if out.verb == "dial" else LEG
        known[out.row] = Sent(out.verb, f"test {out.row}", 1, leg_id)
    after = msgspec.structs.replace(before, sent=known)
    return Decision(after, "decided by a test", sent, timers, **more)


def change(before: Loaded, decision: Decision, **more) -> Change:
    version = before.version + 1
    built = [outbox.build(before.id, version, n, out) for n, out in enumerate(decision.outgoing)]
    return Change(before, decision, built, [b"an entry"], **more)


async def committed(store, *sent: Outgoing, call_id: str = CALL, token: Token | None = None, **more):
    """Load a call and commit these commands to it."""
    before = await store.load_call(CallId(call_id))
    record = before.call or call(call_id)
    return await store.commit(change(before, decided(record, *sent), token=token, **more))
