"""Bodies of the commands that speak, play, record, gather keys and stream."""

import re
from typing import Annotated, Literal

from msgspec import Meta

from simulator.parameters.bodies import Body, Streamed
from simulator.parameters.objects import CustomHeader, Opaque
from simulator.parameters.values import (
    AudioFormat,
    Channels,
    FileName,
    Language,
    Legs,
    Milliseconds,
    NotNegative,
    PayloadType,
    RecordS,
    ServiceLevel,
    Text,
    ToneMs,
    Track,
    Trim,
)
from simulator.refusals import invalid, missing, out_of_range

_DIGITS = re.compile(r"[0-9A-DwW*#]+")
_KEYS = "0123456789#*"
_LOOPS = range(1, 101)
_NUMBER = re.compile(r"[0-9]{1,9}")


class Looped(Body, kw_only=True, frozen=True):
    """Sound that may be repeated; `stop` ends what is heard before it starts."""

    loop: int | str = 1
    stop: str | None = None
    target_legs: Legs | None = None

    @property
    def times(self) -> float:
        return float("inf") if self.loop == "infinity" else int(self.loop)

    def check(self) -> None:
        super().check()
        if self.loop == "infinity":
            return
        if isinstance(self.loop, str) and not _NUMBER.fullmatch(self.loop):
            raise invalid("loop is a number of times, or infinity.", "/loop")
        if int(self.loop) not in _LOOPS:
            raise out_of_range("loop is between 1 and 100.", "/loop")


class Speak(Looped, kw_only=True, frozen=True):
    payload: Text
    voice: str
    language: Language | None = None
    payload_type: PayloadType = "text"
    service_level: ServiceLevel = "premium"
    voice_settings: Opaque | None = None


class PlaybackStart(Looped, kw_only=True, frozen=True):
    """One of the three names the sound."""

    audio_url: str | None = None
    media_name: str | None = None
    playback_content: str | None = None
    audio_type: AudioFormat = "mp3"
    cache_audio: bool = True
    overlay: bool = False

    def check(self) -> None:
        super().check()
        sources = [self.audio_url, self.media_name, self.playback_content]
        if not any(sources):
            raise missing("/audio_url")
        if sources.count(None) != 2:
            raise invalid("audio_url, media_name and playback_content exclude each other.", "/audio_url")


class PlaybackStop(Body, kw_only=True, frozen=True):
    overlay: bool = False
    stop: Literal["all", "current"] = "all"


class RecordStart(Body, kw_only=True, frozen=True):
    format: AudioFormat
    channels: Channels
    custom_file_name: FileName | None = None
    max_length: RecordS = 0
    play_beep: bool = False
    recording_track: Track = "both"
    timeout_secs: NotNegative = 0
    transcription: bool = False
    transcription_engine: Literal["A", "B", "deepgram/nova-3"] | None = None
    transcription_language: str | None = None
    transcription_max_speaker_count: int | None = None
    transcription_min_speaker_count: int | None = None
    transcription_profanity_filter: bool = False
    transcription_speaker_diarization: bool = False
    trim: Trim | None = None


class OfRecording(Body, kw_only=True, frozen=True):
    """`record_stop`, `record_pause` and `record_resume`: one recording, or all of the leg."""

    recording_id: str | None = None


class Gather(Body, kw_only=True, frozen=True):
    """Keys without a prompt; a length is at least `minimum_digits`."""

    gather_id: str | None = None
    initial_timeout_millis: Milliseconds = 5000
    inter_digit_timeout_millis: Milliseconds = 5000
    maximum_digits: Annotated[int, Meta(ge=1, le=128)] = 128
    minimum_digits: Annotated[int, Meta(ge=1)] = 1
    terminating_digit: str = "#"
    timeout_millis: Milliseconds = 60_000
    valid_digits: str = _KEYS

    def check(self) -> None:
        super().check()
        if self.minimum_digits > self.maximum_digits:
            raise out_of_range("minimum_digits is above maximum_digits.", "/minimum_digits")


class GatherUsingSpeak(Gather, kw_only=True, frozen=True):
    payload: Text
    voice: str
    invalid_payload: Text | None = None
    language: Language | None = None
    maximum_tries: Annotated[int, Meta(ge=1)] = 3
    payload_type: PayloadType = "text"
    service_level: ServiceLevel = "premium"
    voice_settings: Opaque | None = None


class SendDtmf(Body, kw_only=True, frozen=True):
    digits: str
    duration_millis: ToneMs = 250

    def check(self) -> None:
        super().check()
        if not _DIGITS.fullmatch(self.digits):
            raise invalid("Digits are 0-9, A-D, * and #; w and W are pauses.", "/digits")


class StreamingStart(Streamed, kw_only=True, frozen=True):
    custom_parameters: tuple[CustomHeader, ...] = ()

    def check(self) -> None:
        super().check()
        if self.stream_url is None and not self.enable_dialogflow:
            raise missing("/stream_url")


class StreamingStop(Body, kw_only=True, frozen=True):
    stream_id: str | None = None
