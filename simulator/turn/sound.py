"""Speech and files on a leg: one is heard, the others wait in its queue."""

from math import isfinite

from simulator.leg import Act, Audio, Does, Leg
from simulator.turn.instant import Turn


def play(turn: Turn, leg: Leg, audio: Audio) -> None:
    leg.audio.append(audio)
    if len(leg.audio) == 1:
        _begin(turn, leg)


def audio_ended(turn: Turn, leg: Leg, status: str, *, everything: bool = False) -> None:
    cut_off(turn, leg, status, everything=everything)
    if leg.audio:
        _begin(turn, leg)


def stop_audio(turn: Turn, leg: Leg, *, everything: bool) -> None:
    # call.speak.ended knows no status "cancelled" (Telnyx docs: callbacks), call.playback.ended does.
    speaking = bool(leg.audio) and leg.audio[0].kind == "speak"
    audio_ended(turn, leg, "completed" if speaking else "cancelled", everything=everything)


def cut_off(turn: Turn, leg: Leg, status: str, *, everything: bool) -> None:
    """Only what was heard ends with an event; what still waited in the queue never started."""
    if not leg.audio:
        return
    audio = leg.audio.pop(0)
    if everything:
        leg.audio.clear()
    turn.stop_timers(leg, Act(Does.AUDIO_ENDS))
    turn.emit(leg, f"call.{audio.kind}.ended", **audio.media, status=status)


def _begin(turn: Turn, leg: Leg) -> None:
    audio = leg.audio[0]
    turn.emit(leg, f"call.{audio.kind}.started", **audio.media)
    turn.reached(leg, "speech")
    if isfinite(audio.seconds):
        turn.start_timer(leg, Act(Does.AUDIO_ENDS), audio.seconds)
