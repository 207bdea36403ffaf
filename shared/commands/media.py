"""Commands that speak, play, record and gather on a leg. Unset fields are left out; names are Telnyx's own."""

from typing import Any

from msgspec import UNSET, Struct

from shared.commands import choices as c
from shared.commands.choices import Maybe


class Speak(Struct, frozen=True, kw_only=True):
    """Speak `payload` to the leg; `voice` is mandatory (`female`, or a provider's voice by name)."""

    payload: c.SpokenText
    voice: str
    client_state: Maybe[c.ClientState] = UNSET
    language: Maybe[c.Language] = UNSET
    loop: Maybe[str | int] = UNSET
    payload_type: Maybe[c.PayloadType] = UNSET
    service_level: Maybe[c.ServiceLevel] = UNSET
    stop: Maybe[str] = UNSET
    target_legs: Maybe[c.TargetLegs] = UNSET
    voice_settings: Maybe[dict[str, Any]] = UNSET  # another shape for each provider of voices


class StartPlayback(Struct, frozen=True, kw_only=True):
    """Play a file: by URL, by the name of stored media, or as base64 content."""

    audio_type: Maybe[c.AudioFormat] = UNSET
    audio_url: Maybe[str] = UNSET
    cache_audio: Maybe[bool] = UNSET
    client_state: Maybe[c.ClientState] = UNSET
    loop: Maybe[c.Loops] = UNSET
    media_name: Maybe[str] = UNSET
    overlay: Maybe[bool] = UNSET
    playback_content: Maybe[str] = UNSET
    stop: Maybe[str] = UNSET
    target_legs: Maybe[c.TargetLegs] = UNSET


class StopPlayback(Struct, frozen=True, kw_only=True):
    """Stop what is played or spoken."""

    client_state: Maybe[c.ClientState] = UNSET
    overlay: Maybe[bool] = UNSET
    stop: Maybe[str] = UNSET


class StartRecording(Struct, frozen=True, kw_only=True):
    """Record from now on; refused with 90034 before the answer and with 90020 before audio flows."""

    channels: c.Channels
    format: c.AudioFormat
    client_state: Maybe[c.ClientState] = UNSET
    custom_file_name: Maybe[c.FileName] = UNSET
    max_length: Maybe[c.RecordStartSeconds] = UNSET
    play_beep: Maybe[bool] = UNSET
    recording_track: Maybe[c.Track] = UNSET
    timeout_secs: Maybe[c.SilenceSeconds] = UNSET
    transcription: Maybe[bool] = UNSET
    transcription_engine: Maybe[c.RecordingEngine] = UNSET
    transcription_language: Maybe[str] = UNSET  # one of 245, other ones for each engine: left to Telnyx to refuse
    transcription_max_speaker_count: Maybe[int] = UNSET
    transcription_min_speaker_count: Maybe[int] = UNSET
    transcription_profanity_filter: Maybe[bool] = UNSET
    transcription_speaker_diarization: Maybe[bool] = UNSET
    trim: Maybe[c.Trim] = UNSET


class StopRecording(Struct, frozen=True, kw_only=True):
    """Stop recording; the file follows as `call.recording.saved`."""

    client_state: Maybe[c.ClientState] = UNSET
    recording_id: Maybe[str] = UNSET


class GatherUsingSpeak(Struct, frozen=True, kw_only=True):
    """Speak a prompt and collect digits; they come as `call.gather.ended`."""

    payload: c.SpokenText
    voice: str
    client_state: Maybe[c.ClientState] = UNSET
    inter_digit_timeout_millis: Maybe[int] = UNSET
    invalid_payload: Maybe[c.SpokenText] = UNSET
    language: Maybe[c.Language] = UNSET
    maximum_digits: Maybe[c.MaxDigits] = UNSET
    maximum_tries: Maybe[int] = UNSET
    minimum_digits: Maybe[c.MinDigits] = UNSET
    payload_type: Maybe[c.PayloadType] = UNSET
    service_level: Maybe[c.ServiceLevel] = UNSET
    terminating_digit: Maybe[str] = UNSET
    timeout_millis: Maybe[int] = UNSET
    valid_digits: Maybe[str] = UNSET
    voice_settings: Maybe[dict[str, Any]] = UNSET
