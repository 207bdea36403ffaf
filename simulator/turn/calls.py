"""Legs ring, are answered, bridged and ended, with all that hangs on them."""

from simulator.detection import detection_reports
from simulator.leg import Act, Does, Ending, Leg, State
from simulator.scenario import Callee
from simulator.turn.instant import Turn
from simulator.turn.keypad import end_gather
from simulator.turn.recording import open_recordings, save_recording, start_recording
from simulator.turn.sound import cut_off
from simulator.turn.streaming import start_stream, stop_streams

_LIVE = (State.ANSWERED, State.BRIDGED)


def cleared(leg: Leg, *, by_us: bool) -> Ending:
    """Before the answer the caller's hanging up cancels the call, and the callee's rejects it."""
    source = "caller" if by_us == (leg.direction == "outgoing") else "callee"
    if leg.state not in (State.DIALING, State.PARKED):
        return Ending("normal_clearing", source, "200")
    if source == "caller":
        return Ending("originator_cancel", source, "487")
    return Ending("call_rejected", source, "603")


def ring(turn: Turn, leg: Leg, destinations: list[str], timeout_s: float) -> None:
    """An outgoing leg starts to ring, at all its destinations at once."""
    leg.ringing = {number: turn.switch.next_callee(number, leg.call_session_id) for number in destinations}
    turn.switch.legs[leg.call_control_id] = leg
    turn.emit(leg, "call.initiated")
    turn.start_timer(leg, Act(Does.RINGS_OUT), timeout_s)
    for number, callee in leg.ringing.items():
        if not callee.no_answer:
            turn.start_timer(leg, Act(Does.CALLEE_ACTS, number), callee.answers_after)
        elif callee.gives_up_after is not None:
            turn.start_timer(leg, Act(Does.GIVES_UP, number), callee.gives_up_after)


def callee_acts(turn: Turn, leg: Leg, number: str) -> None:
    """The one who answers has the leg; the others stop ringing."""
    callee = leg.ringing[number]
    if callee.busy:
        refused(turn, leg, number, Ending("user_busy", "callee", "486"))
    elif callee.rejects:
        refused(turn, leg, number, Ending("call_rejected", "callee", "603"))
    else:
        _picked_up(turn, leg, number, callee)


def refused(turn: Turn, leg: Leg, number: str, ending: Ending) -> None:
    """The last destination that refuses ends the leg, with its own cause."""
    leg.ringing.pop(number)
    if not leg.ringing:
        end(turn, leg, ending)


def _picked_up(turn: Turn, leg: Leg, number: str, callee: Callee) -> None:
    turn.stop_timers(leg)
    leg.to = number
    leg.person, leg.presses = callee, list(callee.presses)
    answer(turn, leg)
    turn.reached(leg, "start")
    for place, report in enumerate(detection_reports(leg.detection, leg.detection_config, callee)):
        turn.start_timer(leg, Act(Does.DETECTION, report.event_type, report.result, place), report.after_s)
    origin = turn.switch.legs.get(leg.bridge_to or "")
    if origin is not None and origin.state in _LIVE:
        join(turn, leg, origin, only_if_free=leg.prevents_double_bridge)


def answer(turn: Turn, leg: Leg) -> None:
    leg.state = State.ANSWERED
    leg.answered_at = turn.now
    turn.emit(leg, "call.answered")
    turn.reached(leg, "answer")
    if leg.time_limit_s is not None:
        turn.start_timer(leg, Act(Does.TIME_IS_UP), leg.time_limit_s)
    if leg.record_wish is not None:
        start_recording(turn, leg, leg.record_wish)
    if leg.stream_wish is not None:
        start_stream(turn, leg, leg.stream_wish)


def join(turn: Turn, leg: Leg, target: Leg, *, only_if_free: bool) -> None:
    """Bridge a leg to a target, or hang it up where the target is taken (Telnyx docs: prevent_double_bridge)."""
    if only_if_free and target.state is State.BRIDGED:
        end(turn, leg, cleared(leg, by_us=True))
    else:
        bridge(turn, target, leg)


def bridge(turn: Turn, one: Leg, other: Leg) -> None:
    """Connect two answered legs; whoever was connected to one of them before is hung up, or parked."""
    for leg, partner in ((one, other), (other, one)):
        before = turn.switch.legs.get(leg.bridged_to or "")
        leg.bridged_to = partner.call_control_id
        leg.bridge_to = None
        leg.state = State.BRIDGED
        leg.bridged_at = leg.bridged_at or turn.now
        turn.emit(leg, "call.bridged")
        turn.reached(leg, "bridge")
        if before is not None and before is not partner:
            before.bridged_to = None
            _left_alone(turn, before)


def _left_alone(turn: Turn, leg: Leg) -> None:
    if leg.state is State.ENDED:
        return
    if leg.parks_after_unbridge:
        leg.bridged_to = None
        leg.state = State.ANSWERED
    else:
        end(turn, leg, cleared(leg, by_us=True))


def end(turn: Turn, leg: Leg, ending: Ending) -> None:
    """End a leg and what hangs on it: sound, keys, streams, recordings, its partner, its pending transfers."""
    if leg.state is State.ENDED:
        return
    cut_off(turn, leg, "call_hangup", everything=True)
    end_gather(turn, leg, "call_hangup")
    stop_streams(turn, leg)
    turn.stop_timers(leg)
    leg.state = State.ENDED
    leg.ended_at = turn.now
    leg.ending = ending
    turn.emit(leg, "call.hangup")
    for recording in open_recordings(turn, leg):
        save_recording(turn, leg, recording)
    _release_the_others(turn, leg)


def _release_the_others(turn: Turn, leg: Leg) -> None:
    partner = turn.switch.legs.get(leg.bridged_to or "")
    if partner is not None:
        # Telnyx hangs up the other leg, unless it was told to park it (Telnyx docs: call-commands/bridge).
        _left_alone(turn, partner)
    for target_id in leg.transfers_to:
        target = turn.switch.legs[target_id]
        if target.bridge_to == leg.call_control_id:
            end(turn, target, cleared(target, by_us=True))
