"""The commands that speak, play, record and stream."""

from simulator.commands.legs import stream_wish
from simulator.leg import Audio, Leg, RecordWish
from simulator.parameters import (
    OfRecording,
    PlaybackStart,
    PlaybackStop,
    RecordStart,
    Speak,
    StreamingStart,
    StreamingStop,
)
from simulator.turn import recording, sound, streaming
from simulator.turn.instant import Turn

_SPEECH_S_PER_CHARACTER = 0.05
_SPEECH_MIN_S = 0.05
_PLAYBACK_S = 0.5
"""Nothing is fetched: every file is this long."""


def speech_s(text: str) -> float:
    return max(_SPEECH_MIN_S, len(text) * _SPEECH_S_PER_CHARACTER)


def speak(turn: Turn, leg: Leg, body: Speak) -> None:
    _stop_first(turn, leg, body.stop)
    sound.play(turn, leg, Audio("speak", speech_s(body.payload) * body.times, {}))


def playback_start(turn: Turn, leg: Leg, body: PlaybackStart) -> None:
    _stop_first(turn, leg, body.stop)
    named = {"media_url": body.audio_url, "media_name": body.media_name}
    media = {name: value for name, value in named.items() if value is not None}
    sound.play(turn, leg, Audio("playback", _PLAYBACK_S * body.times, {**media, "overlay": body.overlay}))


def _stop_first(turn: Turn, leg: Leg, stop: str | None) -> None:
    if stop is not None:
        sound.stop_audio(turn, leg, everything=stop == "all")


def playback_stop(turn: Turn, leg: Leg, body: PlaybackStop) -> None:
    sound.stop_audio(turn, leg, everything=body.stop == "all")


def record_start(turn: Turn, leg: Leg, body: RecordStart) -> None:
    wish = RecordWish(next(turn.switch.ids), body.format, body.channels, body.max_length)
    recording.start_recording(turn, leg, wish)
    if body.play_beep:
        turn.reached(leg, "beep")


def record_stop(turn: Turn, leg: Leg, body: OfRecording) -> None:
    for one in recording.open_recordings(turn, leg, body.recording_id):
        recording.save_recording(turn, leg, one)


def record_pause(turn: Turn, leg: Leg, body: OfRecording) -> None:
    for one in recording.open_recordings(turn, leg, body.recording_id):
        recording.pause_recording(turn, leg, one)


def record_resume(turn: Turn, leg: Leg, body: OfRecording) -> None:
    for one in recording.open_recordings(turn, leg, body.recording_id):
        recording.resume_recording(turn, leg, one)


def streaming_start(turn: Turn, leg: Leg, body: StreamingStart) -> None:
    wish = stream_wish(body)
    if wish is not None:
        streaming.start_stream(turn, leg, wish)


def streaming_stop(turn: Turn, leg: Leg, body: StreamingStop) -> None:
    streaming.stop_streams(turn, leg, body.stream_id)
