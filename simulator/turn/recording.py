"""Recordings of a leg: started, paused, resumed, and saved or not."""

from simulator.leg import Act, Does, Leg, Recording, RecordWish
from simulator.payloads import recording_payload
from simulator.turn.instant import Turn


def start_recording(turn: Turn, leg: Leg, wish: RecordWish) -> None:
    recording = Recording(
        recording_id=wish.recording_id,
        call_control_id=leg.call_control_id,
        format=wish.format,
        channels=wish.channels,
        started_at=turn.now,
        max_length_s=wish.max_length_s,
    )
    turn.switch.recordings[wish.recording_id] = recording
    leg.recordings.append(wish.recording_id)
    resume_recording(turn, leg, recording)


def pause_recording(turn: Turn, leg: Leg, recording: Recording) -> None:
    recording.recorded_s = recording.length_s(turn.now)
    recording.running_since = None
    turn.stop_timers(leg, Act(Does.RECORDING_FULL, recording.recording_id))


def resume_recording(turn: Turn, leg: Leg, recording: Recording) -> None:
    """Nothing changes where it runs already."""
    if recording.running_since is not None:
        return
    recording.running_since = turn.now
    if recording.max_length_s:
        left_s = recording.max_length_s - recording.recorded_s
        turn.start_timer(leg, Act(Does.RECORDING_FULL, recording.recording_id), left_s)


def save_recording(turn: Turn, leg: Leg, recording: Recording) -> None:
    pause_recording(turn, leg, recording)
    recording.ended_at = turn.now
    if leg.person.recording_fails is not None:
        recording.kept = False
        turn.emit(leg, "call.recording.error", reason=leg.person.recording_fails)
        return
    url = turn.switch.download_link(recording, turn.now, turn.switch.recording_url_s)
    turn.emit(leg, "call.recording.saved", **recording_payload(recording, turn.now, url))


def open_recordings(turn: Turn, leg: Leg, recording_id: str | None = None) -> list[Recording]:
    """Those that have not ended, running or paused; `recording_id` narrows them to one."""
    recordings = (turn.switch.recordings[one] for one in leg.recordings if recording_id in (None, one))
    return [recording for recording in recordings if recording.ended_at is None]
