"""Calls that a worker's own handler has taken through their webhooks, for whoever tells of them afterwards."""

import time

from shared import queues
from shared.events import read_envelope
from shared.ids import CallId, SessionId, inbound_call_id
from tests.integration.workers.bench import PLAN, incoming, parts, run, until
from tests.integration.workers.telnyx import Answering, accepts, telnyx
from tests.signing import webhook_body
from workers.delivery.entries import Times

STRANGER = "+13125550999"  # no rule takes it: the default rejects


def of_leg(event_type: str, session: str, **payload: object) -> bytes:
    """An event of a caller's leg, which is named as its session."""
    ids = {"call_control_id": f"v3:{session}", "call_leg_id": session, "call_session_id": session}
    return webhook_body(event_type, **ids, **payload)


def happens(url, valkey, *bodies: bytes, answer: Answering = accepts, plan: str = PLAN) -> None:
    """Apply these webhooks as a worker does, each after the commands of the one before are settled."""

    async def scenario():
        async with telnyx(answer) as there, parts(url, there.url, plan=plan) as at:
            for body in bodies:
                envelope = read_envelope(body)
                now = time.time()
                occurred = envelope.occurred_at.timestamp()
                await at.handler.webhook(envelope, body, Times(occurred, now - 0.003, now - 0.002, now - 0.001))
                await until(lambda: not valkey.keys(queues.outbox_key("*")), "all is settled")

    run(scenario())


def call_of(session: str) -> CallId:
    return inbound_call_id(SessionId(session))


def three_calls(url, valkey) -> list[CallId]:
    """A call that rings the desk, one that was rejected, and one whose caller has hung up; their ids."""
    happens(
        url,
        valkey,
        incoming("rings"),
        of_leg("call.answered", "rings"),
        incoming("rejected", to=STRANGER),
        of_leg("call.hangup", "rejected", hangup_cause="call_rejected"),
        incoming("gone", **{"from": "+442071838750"}),
        of_leg("call.hangup", "gone", hangup_cause="originator_cancel"),
    )
    return [call_of(session) for session in ("rings", "rejected", "gone")]
