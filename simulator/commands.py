"""What each command does to its leg, and the state in which it may come."""

from collections.abc import Callable
from typing import Any

from simulator.leg import Act, Audio, Does, Ending, Leg, RecordWish, State
from simulator.parameters import (
    Body,
    Bridge,
    Dial,
    NewLeg,
    PlaybackStart,
    PlaybackStop,
    Recordable,
    RecordStart,
    RecordStop,
    Reject,
    Speak,
    Transfer,
)
from simulator.refusals import already_answered, call_ended, invalid, not_answered, unknown_call
from simulator.turn import Turn, cleared_by_us

Reply = dict[str, object]
"""The `data` of the answer."""

_ANYWHERE = frozenset({"hangup", "client_state_update"})
_ONLY_PARKED = frozenset({"answer", "reject"})
_SPEECH_S_PER_CHARACTER = 0.05
_SPEECH_MIN_S = 0.05
_PLAYBACK_S = 0.5
"""Nothing is fetched: every file is this long."""
_REJECTIONS = {
    "CALL_REJECTED": Ending("call_rejected", "callee", "603"),
    "USER_BUSY": Ending("user_busy", "callee", "486"),
    "NOT_FOUND": Ending("not_found", "callee", "404"),
    "TEMPORARILY_UNAVAILABLE": Ending("unspecified", "callee", "480"),
}


def check_state(leg: Leg, verb: str) -> None:
    """Raises Refusal when this leg cannot take this command now (Telnyx docs: call-commands/answer)."""
    match leg.state:
        case State.ENDED:
            raise call_ended()
        case State.PARKED if verb not in _ANYWHERE | _ONLY_PARKED:
            raise not_answered()
        case State.DIALING if verb in _ONLY_PARKED:
            raise invalid("This command is for incoming calls.")
        case State.DIALING if verb not in _ANYWHERE:
            raise not_answered()
        case State.ANSWERED | State.BRIDGED if verb in _ONLY_PARKED:
            raise already_answered()
        case _:
            return


def perform(turn: Turn, verb: str, leg: Leg, body: Body) -> Reply:
    """Run a command whose state was checked. Raises Refusal before it changes anything."""
    action = _ACTIONS[verb]
    if isinstance(body, Bridge):
        _other_leg(turn, leg, body.call_control_id)
    turn.stop_timers(leg, Act(Does.NO_FIRST_COMMAND))
    if body.client_state is not None:
        leg.client_state = body.client_state
    return {"result": "ok"} | (action(turn, leg, body) or {})


def dial(turn: Turn, body: Dial, link: Leg | None) -> Reply:
    session = next(turn.switch.ids) if link is None else link.call_session_id
    leg = _new_leg(
        turn,
        body,
        session=session,
        connection_id=body.connection_id,
        from_=body.from_,
        client_state=body.client_state,
    )
    leg.ring_out_cause = "timeout" if body.retry_on_timeout else "no_answer"
    turn.ring(leg, body.timeout_secs)
    reply: Reply = {
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "client_state": leg.client_state,
        "is_alive": False,
        "record_type": "call",
    }
    return reply | _told_recording(leg.record_wish)


def _new_leg(
    turn: Turn, body: NewLeg, *, session: str, connection_id: str, from_: str, client_state: str | None
) -> Leg:
    return Leg(
        call_control_id=turn.switch.new_call_control_id(),
        call_leg_id=next(turn.switch.ids),
        call_session_id=session,
        connection_id=connection_id,
        direction="outgoing",
        from_=from_,
        to=body.to,
        state=State.DIALING,
        started_at=turn.now,
        client_state=client_state,
        detection=body.answering_machine_detection,
        greeting_s=body.answering_machine_detection_config.greeting_duration_millis / 1000,
        record_wish=_record_wish(turn, body),
    )


def _record_wish(turn: Turn, body: Recordable) -> RecordWish | None:
    if body.record is None:
        return None
    return RecordWish(next(turn.switch.ids), body.record_format, body.record_channels, body.record_max_length)


def _told_recording(wish: RecordWish | None) -> Reply:
    return {} if wish is None else {"recording_id": wish.recording_id}


def _answer(turn: Turn, leg: Leg, body: Recordable) -> Reply:
    leg.record_wish = _record_wish(turn, body)
    turn.answer(leg)
    return _told_recording(leg.record_wish)


def _reject(turn: Turn, leg: Leg, body: Reject) -> None:
    turn.end(leg, _REJECTIONS[body.cause])


def _hangup(turn: Turn, leg: Leg, _body: Body) -> None:
    turn.end(leg, cleared_by_us(leg))


def _transfer(turn: Turn, leg: Leg, body: Transfer) -> None:
    """`record` records the new leg; `from` defaults to the number that the call came in on.

    Telnyx docs: call-commands/transfer.
    """
    ours = leg.to if leg.direction == "incoming" else leg.from_
    target = _new_leg(
        turn,
        body,
        session=leg.call_session_id,
        connection_id=leg.connection_id,
        from_=body.from_ or ours,
        client_state=body.target_leg_client_state,
    )
    target.bridge_to = leg.call_control_id
    leg.transfers_to.append(target.call_control_id)
    turn.ring(target, body.timeout_secs)


def _other_leg(turn: Turn, leg: Leg, call_control_id: str) -> Leg:
    other = turn.switch.legs.get(call_control_id)
    if other is None or other is leg:
        raise unknown_call()
    check_state(other, "bridge")
    return other


def _bridge(turn: Turn, leg: Leg, body: Bridge) -> None:
    """`record` records the leg in the path."""
    turn.bridge(leg, _other_leg(turn, leg, body.call_control_id))
    wish = _record_wish(turn, body)
    if wish is not None:
        turn.start_recording(leg, wish)


def _speak(turn: Turn, leg: Leg, body: Speak) -> None:
    seconds = max(_SPEECH_MIN_S, len(body.payload) * _SPEECH_S_PER_CHARACTER)
    turn.play(leg, Audio("speak", seconds, {}))


def _playback_start(turn: Turn, leg: Leg, body: PlaybackStart) -> None:
    source = {"media_url": body.audio_url} if body.audio_url else {"media_name": body.media_name}
    turn.play(leg, Audio("playback", _PLAYBACK_S, {**source, "overlay": False}))


def _playback_stop(turn: Turn, leg: Leg, body: PlaybackStop) -> None:
    # call.speak.ended knows no status "cancelled" (Telnyx docs: callbacks), call.playback.ended does.
    speaking = bool(leg.audio) and leg.audio[0].kind == "speak"
    turn.audio_ended(leg, "completed" if speaking else "cancelled", everything=body.stop == "all")


def _record_start(turn: Turn, leg: Leg, body: RecordStart) -> None:
    wish = RecordWish(next(turn.switch.ids), body.format, body.channels, body.max_length)
    turn.start_recording(leg, wish)


def _record_stop(turn: Turn, leg: Leg, body: RecordStop) -> None:
    for recording in turn.running_recordings(leg):
        if body.recording_id in (None, recording.recording_id):
            turn.save_recording(recording)


def _nothing_more(_turn: Turn, _leg: Leg, _body: Body) -> None:
    """The client_state was all."""


# The table pairs each verb with the body type that parameters.py decodes for it, which no type can say.
_ACTIONS: dict[str, Callable[[Turn, Leg, Any], Reply | None]] = {
    "answer": _answer,
    "bridge": _bridge,
    "client_state_update": _nothing_more,
    "hangup": _hangup,
    "playback_start": _playback_start,
    "playback_stop": _playback_stop,
    "record_start": _record_start,
    "record_stop": _record_stop,
    "reject": _reject,
    "speak": _speak,
    "transfer": _transfer,
}
