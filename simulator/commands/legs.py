"""The commands that begin, join and end legs."""

from simulator.leg import Ending, Leg, RecordWish, State, StreamWish
from simulator.parameters import Answer, Body, Bridge, Dial, NewLeg, Recordable, Reject, Streamed, Transfer
from simulator.turn.calls import answer, cleared, end, join, ring
from simulator.turn.instant import Turn
from simulator.turn.recording import start_recording

Reply = dict[str, object]
"""The `data` of the answer."""

_REJECTIONS = {
    "CALL_REJECTED": Ending("call_rejected", "callee", "603"),
    "USER_BUSY": Ending("user_busy", "callee", "486"),
    "NOT_FOUND": Ending("not_found", "callee", "404"),
    "TEMPORARILY_UNAVAILABLE": Ending("unspecified", "callee", "480"),
}


def dial(turn: Turn, body: Dial, link: Leg | None) -> Reply:
    """Several destinations ring at once, on one leg that the first to answer has.

    Telnyx publishes no more than that there may be several, and one leg in the answer (Telnyx docs:
    call-commands/dial).
    """
    leg = _new_leg(
        turn,
        body,
        session=next(turn.switch.ids) if link is None else link.call_session_id,
        connection_id=body.connection_id,
        from_=link.from_ if link is not None and body.bridge_intent else body.from_,
        client_state=body.client_state,
    )
    leg.ring_out_cause = "timeout" if body.retry_on_timeout else "no_answer"
    leg.stream_wish = stream_wish(body)
    leg.parks_after_unbridge = body.park_after_unbridge is not None
    leg.prevents_double_bridge = body.prevent_double_bridge
    if link is not None and body.bridge_on_answer:
        leg.bridge_to = link.call_control_id
    ring(turn, leg, body.destinations, body.timeout_secs)
    if link is not None:
        turn.reached(link, "ringing")
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
        to=body.destinations[0],
        state=State.DIALING,
        started_at=turn.now,
        client_state=client_state,
        detection=body.answering_machine_detection,
        detection_config=body.answering_machine_detection_config,
        time_limit_s=body.time_limit_secs,
        record_wish=_record_wish(turn, body),
    )


def _record_wish(turn: Turn, body: Recordable) -> RecordWish | None:
    if body.record is None:
        return None
    return RecordWish(next(turn.switch.ids), body.record_format, body.record_channels, body.record_max_length)


def _told_recording(wish: RecordWish | None) -> Reply:
    return {} if wish is None else {"recording_id": wish.recording_id}


def stream_wish(body: Streamed) -> StreamWish | None:
    if body.stream_url is None and not body.enable_dialogflow:
        return None
    kind = "dialogflow" if body.enable_dialogflow else "websocket"
    return StreamWish(body.stream_url or "", body.stream_track, kind)


def answer_call(turn: Turn, leg: Leg, body: Answer) -> Reply:
    leg.record_wish = _record_wish(turn, body)
    leg.stream_wish = stream_wish(body)
    answer(turn, leg)
    return _told_recording(leg.record_wish)


def reject(turn: Turn, leg: Leg, body: Reject) -> None:
    end(turn, leg, _REJECTIONS[body.cause])


def hangup(turn: Turn, leg: Leg, _body: Body) -> None:
    end(turn, leg, cleared(leg, by_us=True))


def transfer(turn: Turn, leg: Leg, body: Transfer) -> None:
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
    leg.parks_after_unbridge = body.park_after_unbridge is not None
    ring(turn, target, body.destinations, body.timeout_secs)
    turn.reached(leg, "ringing")


def bridge_calls(turn: Turn, leg: Leg, body: Bridge) -> None:
    """`record` records the leg in the path, and `park_after_unbridge` parks it."""
    leg.parks_after_unbridge = body.hold_after_unbridge or body.park_after_unbridge is not None
    join(turn, leg, turn.switch.legs[body.call_control_id or ""], only_if_free=body.prevent_double_bridge)
    wish = _record_wish(turn, body)
    if wish is not None:
        start_recording(turn, leg, wish)
