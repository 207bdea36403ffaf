"""A recorded call decided again: what came of each thing that happened, and what comes of it now; pure."""

from typing import Any, NamedTuple

import msgspec

from console.export import Answer, Cancel, Document, Found, Request, Timer, Webhook
from shared import commands, dialplan, events
from shared.calls import Call
from shared.timeline import state_of
from workers.logic import happened as logic
from workers.logic.decide import decide
from workers.logic.decision import Around, Outgoing


class Came(NamedTuple):
    """What came of a step: the state that the call reached, and each command by row, verb, path and body."""

    version: int
    state: str
    commands: list[tuple[int, str, str, dict[str, Any]]]


def recorded(document: Document) -> list[Came]:
    return [
        Came(step.version, step.state, [(c.row, c.verb, c.path, c.body) for c in step.commands])
        for step in document.steps
    ]


def replayed(document: Document) -> list[Came]:
    plan = dialplan.parse(document.dialplan, "the dialplan of the recorded call")
    call = Call(document.call, plan=document.plan, connection=document.connection)
    came = []
    for step in document.steps:
        around = Around(dict([step.turn] if step.turn else []))
        decision = decide(call, happened(step.happened), plan, step.version, around)
        call = decision.call
        came.append(Came(step.version, state_of(call), [_sent(outgoing) for outgoing in decision.outgoing]))
    return came


def happened(told: Webhook | Timer | Request | Cancel | Found | Answer) -> logic.Happened:
    match told:
        case Webhook():
            return _webhook(told)
        case Timer(name, version, at):
            return logic.TimerFired(name, version, at)
        case Request(at, request):
            return logic.CallRequested(request, at)
        case Cancel(at):
            return logic.CallCancelled(at)
        case Found(leg, at):
            return logic.FoundEnded(leg, at)
        case Answer():
            return _outcome(told)


def _webhook(told: Webhook) -> logic.Webhook:
    envelope = events.read_envelope(msgspec.json.encode(told.body))
    payload = events.read_payload(envelope)
    at = told.occurred or told.received
    age_s = told.started - told.occurred if told.occurred else 0.0
    return logic.Webhook(envelope.id, envelope.event_type, at, envelope.ids, payload, age_s)


def _outcome(told: Answer) -> logic.Outcome:
    match told.outcome:
        case "succeeded" if isinstance(told.data, dict):
            return logic.CommandSucceeded(told.row, told.at, told.data)
        case "succeeded":
            return logic.CommandSucceeded(told.row, told.at, items=tuple(told.data))
        case "failed":
            return logic.CommandFailed(told.row, told.at, told.code, told.ended, told.again, told.again_in_s)
        case "unknown":
            return logic.CommandUnknown(told.row, told.at)
        case "voided":
            return logic.CommandVoided(told.row, told.at)
        case other:
            raise AssertionError(f"a command can't end as {other!r}")


def _sent(outgoing: Outgoing) -> tuple[int, str, str, dict[str, Any]]:
    command = outgoing.command
    request = (
        command if isinstance(command, commands.Request) else commands.request(command, outgoing.control_id, None)
    )
    body = msgspec.json.decode(request.body) if request.body else {}
    return outgoing.row, outgoing.verb, request.path, body
