"""What happens to legs at one instant, and the effects of it: the moves that commands and timers share."""

from simulator.detection import detection_reports
from simulator.leg import (
    Act,
    Audio,
    Does,
    Effect,
    Emit,
    Ending,
    Leg,
    Recording,
    RecordWish,
    StartTimer,
    State,
    StopTimers,
    Switch,
)
from simulator.payloads import leg_payload, recording_payload


def caller_or_callee(leg: Leg, *, ours: bool) -> str:
    """Whether our side (or the far one) is caller or callee on this leg."""
    return "caller" if ours == (leg.direction == "outgoing") else "callee"


def cleared_by_us(leg: Leg) -> Ending:
    match leg.state:
        case State.DIALING:
            return Ending("originator_cancel", "caller", "487")
        case State.PARKED:
            return Ending("call_rejected", "callee", "603")
        case _:
            return Ending("normal_clearing", caller_or_callee(leg, ours=True), "200")


def cleared_by_the_far_side(leg: Leg) -> Ending:
    match leg.state:
        case State.DIALING:
            return Ending("call_rejected", "callee", "603")
        case State.PARKED:
            return Ending("originator_cancel", "caller", "487")
        case _:
            return Ending("normal_clearing", caller_or_callee(leg, ours=False), "200")


class Turn:
    """One instant of the switch. Every method may change legs and add to `effects`, in their order."""

    def __init__(self, switch: Switch, now: float) -> None:
        self.switch = switch
        self.now = now
        self.effects: list[Effect] = []

    def emit(self, leg: Leg, event_type: str, **extra: object) -> None:
        if leg.adopted:
            return
        payload = leg_payload(leg, event_type, extra)
        event_id = next(self.switch.ids)
        # A microsecond apart, so that their times tell their order even within one instant.
        occurred_at = self.now + 1e-6 * len(self.effects)
        self.effects.append(Emit(event_id, event_type, occurred_at, leg.call_control_id, payload))

    def start_timer(self, leg: Leg, act: Act, after_s: float) -> None:
        self.effects.append(StartTimer(leg.call_control_id, act, after_s))

    def stop_timers(self, leg: Leg, act: Act | None = None) -> None:
        self.effects.append(StopTimers(leg.call_control_id, act))

    def ring(self, leg: Leg, timeout_s: float) -> None:
        """An outgoing leg starts to ring."""
        callee = leg.callee = self.switch.callee(leg.to)
        self.switch.legs[leg.call_control_id] = leg
        self.emit(leg, "call.initiated")
        self.start_timer(leg, Act(Does.RINGS_OUT), timeout_s)
        if not callee.no_answer:
            self.start_timer(leg, Act(Does.CALLEE_ACTS), callee.answers_after)
        elif callee.gives_up_after is not None:
            self.start_timer(leg, Act(Does.GIVES_UP), callee.gives_up_after)

    def answer(self, leg: Leg) -> None:
        leg.state = State.ANSWERED
        leg.answered_at = self.now
        self.emit(leg, "call.answered")
        if leg.record_wish is not None:
            self.start_recording(leg, leg.record_wish)
        if leg.callee is None:
            return
        self.stop_timers(leg, Act(Does.RINGS_OUT))
        if leg.callee.hangs_up_after is not None:
            self.start_timer(leg, Act(Does.HANGS_UP), leg.callee.hangs_up_after)
        for report in detection_reports(leg.detection, leg.greeting_s, leg.callee):
            self.start_timer(leg, Act(Does.DETECTION, report.event_type, report.result), report.after_s)
        origin = self.switch.legs.get(leg.bridge_to or "")
        if origin is not None:
            self.bridge(origin, leg)

    def bridge(self, one: Leg, other: Leg) -> None:
        """Connect two answered legs; whoever was connected to one of them before is hung up."""
        for leg, partner in ((one, other), (other, one)):
            before = self.switch.legs.get(leg.bridged_to or "")
            leg.bridged_to = partner.call_control_id
            leg.bridge_to = None
            leg.state = State.BRIDGED
            leg.bridged_at = leg.bridged_at or self.now
            self.emit(leg, "call.bridged")
            if before is not None and before is not partner:
                before.bridged_to = None
                self.end(before, cleared_by_us(before))

    def end(self, leg: Leg, ending: Ending) -> None:
        """End a leg and what hangs on it: its audio, its recordings, its partner, its pending transfers."""
        if leg.state is State.ENDED:
            return
        self._end_audio(leg, "call_hangup", everything=True)
        self.stop_timers(leg)
        leg.state = State.ENDED
        leg.ended_at = self.now
        leg.ending = ending
        self.emit(leg, "call.hangup")
        for recording in self.running_recordings(leg):
            self.save_recording(recording)
        self._release_the_others(leg)

    def _release_the_others(self, leg: Leg) -> None:
        partner = self.switch.legs.get(leg.bridged_to or "")
        if partner is not None:
            # park_after_unbridge is not simulated, so Telnyx hangs up the other leg (Telnyx docs: bridge).
            self.end(partner, cleared_by_us(partner))
        for target_id in leg.transfers_to:
            target = self.switch.legs[target_id]
            if target.bridge_to == leg.call_control_id:
                self.end(target, cleared_by_us(target))

    def play(self, leg: Leg, audio: Audio) -> None:
        leg.audio.append(audio)
        if len(leg.audio) == 1:
            self._begin_audio(leg)

    def _begin_audio(self, leg: Leg) -> None:
        audio = leg.audio[0]
        self.emit(leg, f"call.{audio.kind}.started", **audio.media)
        self.start_timer(leg, Act(Does.AUDIO_ENDS), audio.seconds)

    def audio_ended(self, leg: Leg, status: str, *, everything: bool = False) -> None:
        self._end_audio(leg, status, everything=everything)
        if leg.audio:
            self._begin_audio(leg)

    def _end_audio(self, leg: Leg, status: str, *, everything: bool) -> None:
        """Only what was heard ends with an event; what still waited in the queue never started."""
        if not leg.audio:
            return
        audio = leg.audio.pop(0)
        if everything:
            leg.audio.clear()
        self.stop_timers(leg, Act(Does.AUDIO_ENDS))
        self.emit(leg, f"call.{audio.kind}.ended", **audio.media, status=status)

    def start_recording(self, leg: Leg, wish: RecordWish) -> None:
        self.switch.recordings[wish.recording_id] = Recording(
            recording_id=wish.recording_id,
            call_control_id=leg.call_control_id,
            format=wish.format,
            channels=wish.channels,
            started_at=self.now,
        )
        leg.recordings.append(wish.recording_id)
        if wish.max_length_s:
            self.start_timer(leg, Act(Does.RECORDING_FULL, wish.recording_id), wish.max_length_s)

    def save_recording(self, recording: Recording) -> None:
        recording.ended_at = self.now
        leg = self.switch.legs[recording.call_control_id]
        self.stop_timers(leg, Act(Does.RECORDING_FULL, recording.recording_id))
        url = self.switch.download_link(recording, self.now, self.switch.recording_url_s)
        self.emit(leg, "call.recording.saved", **recording_payload(recording, self.now, url))

    def running_recordings(self, leg: Leg) -> list[Recording]:
        recordings = (self.switch.recordings[recording_id] for recording_id in leg.recordings)
        return [recording for recording in recordings if recording.ended_at is None]
