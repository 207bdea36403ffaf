"""The objects inside command bodies. Only the machine detection's times change what the stand-in does."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from simulator.parameters.values import Engine, Milliseconds, PromptEndMs, Share, Track

Opaque = dict[str, Any]
"""An object that is outside this contract (assistants, relays, dialogflow): any members."""


class CustomHeader(Struct, frozen=True):
    name: str
    value: str


class SipHeader(Struct, frozen=True):
    name: Literal["User-to-User"]
    value: str


class SoundModifications(Struct, frozen=True, kw_only=True):
    octaves: Annotated[float, Meta(ge=-1, le=1)] | None = None
    pitch: Annotated[float, Meta(gt=0)] | None = None
    semitone: Annotated[float, Meta(ge=-14, le=14)] | None = None
    track: Track | None = None


class DetectionConfig(Struct, frozen=True, kw_only=True):
    """Premium reads the total, the greeting and the prompt's end only (Telnyx docs: answering-machine-detection).

    Of the standard modes' times the stand-in reads the total.
    """

    total_analysis_time_millis: Milliseconds | None = None
    greeting_duration_millis: Milliseconds | None = None
    prompt_end_timeout_millis: PromptEndMs = 30_000
    """The guide's default and range (Telnyx docs: answering-machine-detection); the SDK's text says 5000."""
    after_greeting_silence_millis: Milliseconds | None = None
    beep_detection_profile: Literal["both", "freq_only"] | None = None
    beep_max_frequency_hz: int | None = None
    beep_min_frequency_hz: int | None = None
    beep_min_tone_duration_millis: Milliseconds | None = None
    beep_spectral_confirmation: bool | None = None
    beep_spectral_min_purity: Share | None = None
    beep_spectral_reject_fax_cng: bool | None = None
    beep_spectral_window_millis: Milliseconds | None = None
    between_words_silence_millis: Milliseconds | None = None
    greeting_silence_duration_millis: Milliseconds | None = None
    greeting_total_analysis_time_millis: Milliseconds | None = None
    initial_silence_millis: Milliseconds | None = None
    maximum_number_of_words: int | None = None
    maximum_word_length_millis: Milliseconds | None = None
    silence_threshold: int | None = None


class DeepfakeDetection(Struct, frozen=True, kw_only=True):
    enabled: bool
    rtp_timeout: Annotated[int, Meta(ge=5, le=120)] = 30
    timeout: Annotated[int, Meta(ge=5, le=60)] = 15


class Conference(Struct, frozen=True, kw_only=True):
    id: str | None = None
    beep_enabled: Literal["always", "never", "on_enter", "on_exit"] | None = None
    conference_name: str | None = None
    early_media: bool | None = None
    end_conference_on_exit: bool | None = None
    hold: bool | None = None
    hold_audio_url: str | None = None
    hold_media_name: str | None = None
    mute: bool | None = None
    soft_end_conference_on_exit: bool | None = None
    start_conference_on_create: bool | None = None
    start_conference_on_enter: bool | None = None
    supervisor_role: Literal["barge", "monitor", "none", "whisper"] | None = None
    whisper_call_control_ids: list[str] | None = None


class Transcription(Struct, frozen=True, kw_only=True):
    client_state: str | None = None
    command_id: str | None = None
    transcription_engine: Engine | None = None
    transcription_engine_config: Opaque | None = None
    transcription_tracks: Track | None = None


class WebhookRetries(Struct, frozen=True):
    """At most five pauses, one minute in all; the sum is checked with the command."""

    retries_ms: Annotated[list[Milliseconds], Meta(max_length=5)] = []
