"""What an event tells of the legs of a call, joined so that order and repetition do not matter."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from shared import client_state, events
from shared.calls import Ended, Leg, Pressed, Verdict
from shared.ids import ControlId, LegId, Row, SessionId
from workers.logic.draft import Draft
from workers.logic.happened import CommandSucceeded, Webhook

_replace = msgspec.structs.replace


def learn_webhook(draft: Draft, event: Webhook) -> None:
    """Join what a webhook says into the leg that it speaks of."""
    if not event.ids.call_leg_id:
        return
    leg_id = LegId(event.ids.call_leg_id)
    tag = client_state.read(event.ids.client_state)
    leg = _identified(draft, draft.call.legs.get(leg_id, Leg()), event, tag)
    tell = _TELLS.get(type(event.payload))
    if tell:
        leg = tell(leg, event.payload, event.at)
    draft.set_leg(leg_id, leg)
    if leg.row is not None and leg.row not in draft.call.made:
        draft.put(_replace(draft.call, made={**draft.call.made, leg.row: leg_id}))
    if isinstance(event.payload, events.CallInitiated):
        _find_main(draft, leg_id, leg)


def learn_leg(draft: Draft, row: Row, data: dict[str, Any]) -> None:
    """A dial's answer, or a look, tells the same of a new leg as its call.initiated will."""
    leg_id = data.get("call_leg_id")
    control_id = data.get("call_control_id")
    if not isinstance(leg_id, str) or not isinstance(control_id, str):
        return
    session_id = data.get("call_session_id")
    known = draft.call.legs.get(LegId(leg_id), Leg())
    leg = _replace(
        known,
        row=known.row or row,
        control_id=known.control_id or ControlId(control_id),
        session_id=known.session_id or (SessionId(session_id) if isinstance(session_id, str) else None),
    )
    draft.set_leg(LegId(leg_id), leg)
    if row not in draft.call.made:
        draft.put(_replace(draft.call, made={**draft.call.made, row: LegId(leg_id)}))


def learn_end(draft: Draft, leg_id: LegId, at: float) -> None:
    """A command was told that the leg is over: as if its call.hangup had come."""
    draft.set_leg(leg_id, _ended(draft.call.legs.get(leg_id, Leg()), Ended(at, "gone")))


def learn_answer(draft: Draft, event: CommandSucceeded) -> None:
    """A dial's answer names the leg; a transfer's does not (Telnyx SDK: action_transfer_response.py)."""
    if draft.call.sent[event.row].verb == "dial":
        learn_leg(draft, event.row, event.data)


def _identified(draft: Draft, leg: Leg, event: Webhook, tag: client_state.Tag | None) -> Leg:
    ids = event.ids
    row = tag.row if tag and tag.call == draft.call.id and _makes_a_leg(draft, tag.row) else None
    return _replace(
        leg,
        row=leg.row if leg.row is not None else row,
        control_id=leg.control_id or (ControlId(ids.call_control_id) if ids.call_control_id else None),
        session_id=leg.session_id or (SessionId(ids.call_session_id) if ids.call_session_id else None),
        connection_id=leg.connection_id or ids.connection_id,
    )


def _makes_a_leg(draft: Draft, row: Row) -> bool:
    sent = draft.call.sent.get(row)
    return sent is not None and sent.verb in {"dial", "transfer"}


def _find_main(draft: Draft, leg_id: LegId, leg: Leg) -> None:
    """The first incoming leg is the caller's. An outgoing one that is not ours is foreign and never commanded."""
    if draft.call.main is None and draft.call.request is None and leg.direction == "incoming":
        draft.put(_replace(draft.call, main=leg_id))


def _earliest(known: float | None, told: float) -> float:
    return told if known is None else min(known, told)


def _ended(leg: Leg, told: Ended) -> Leg:
    """The earliest report stands; a webhook's cause stands over the bare `gone` of a refused command."""
    known = leg.ended
    if known is None or known.cause == "gone" or (told.cause != "gone" and told < known):
        return _replace(leg, ended=told)
    return leg


def _initiated(leg: Leg, payload: events.CallInitiated, at: float) -> Leg:
    return _replace(
        leg,
        initiated_at=_earliest(leg.initiated_at, at),
        direction=payload.direction,
        from_=payload.from_,
        to=payload.to,
        attestation=payload.shaken_stir_attestation,
        tags=payload.tags or (),
        headers=_headers(payload),
    )


def _headers(payload: events.CallInitiated) -> tuple[tuple[str, str], ...]:
    named = (*(payload.custom_headers or ()), *(payload.sip_headers or ()))
    return tuple((header.name, header.value) for header in named if header.name and header.value is not None)


def _answered(leg: Leg, _payload: events.CallAnswered, at: float) -> Leg:
    return _replace(leg, answered_at=_earliest(leg.answered_at, at))


def _bridged(leg: Leg, _payload: events.CallBridged, at: float) -> Leg:
    return _replace(leg, bridged_at=_earliest(leg.bridged_at, at))


def _hung_up(leg: Leg, payload: events.CallHungUp, at: float) -> Leg:
    return _ended(leg, Ended(at, payload.hangup_cause or "unspecified"))


def _spoken(leg: Leg, _payload: events.SpeakEnded, at: float) -> Leg:
    """No two texts end on one leg at one microsecond: a time told again is the same end, under any event id."""
    return _replace(leg, spoken_at=leg.spoken_at | {at})


def _played(leg: Leg, _payload: events.PlaybackEnded, at: float) -> Leg:
    return _replace(leg, played_at=leg.played_at | {at})


def _gathered(leg: Leg, payload: events.GatherEnded, at: float) -> Leg:
    told = Pressed(at, payload.digits or "")
    return _replace(leg, pressed=told if leg.pressed is None else min(leg.pressed, told))


def _verdict(leg: Leg, payload: events.MachineDetectionEnded | events.PremiumDetectionEnded, at: float) -> Leg:
    return _judged(leg, Verdict(at, payload.result or "not_sure"))


def _greeting(leg: Leg, payload: events.MachineGreetingEnded | events.PremiumGreetingEnded, at: float) -> Leg:
    """Only a machine has a greeting whose end is told, and it may be told before any verdict or without one.

    `prompt_ended` proves no machine: a phone that screens its calls has a prompt as well (Telnyx docs:
    answering-machine-detection).
    """
    leg = _replace(leg, greeting_ended_at=_earliest(leg.greeting_ended_at, at))
    return leg if payload.result == "prompt_ended" else _judged(leg, Verdict(at, "machine"))


def _screened(leg: Leg, _payload: events.CallScreeningDetected, at: float) -> Leg:
    return _replace(leg, screened_at=_earliest(leg.screened_at, at))


def _judged(leg: Leg, told: Verdict) -> Leg:
    return _replace(leg, verdicts=tuple(sorted({*leg.verdicts, told})))


_TELLS: Final[dict[type, Callable[..., Leg]]] = {
    events.CallInitiated: _initiated,
    events.CallAnswered: _answered,
    events.CallBridged: _bridged,
    events.CallHungUp: _hung_up,
    events.SpeakEnded: _spoken,
    events.PlaybackEnded: _played,
    events.GatherEnded: _gathered,
    events.MachineDetectionEnded: _verdict,
    events.MachineGreetingEnded: _greeting,
    events.PremiumDetectionEnded: _verdict,
    events.PremiumGreetingEnded: _greeting,
    events.CallScreeningDetected: _screened,
}
