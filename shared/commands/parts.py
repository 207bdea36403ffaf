"""Objects inside commands: headers, machine detection, conferences, sound, webhook retries."""

from msgspec import UNSET

from shared.commands import choices as c
from shared.commands.sent import Maybe, Sent


class CustomHeader(Sent, frozen=True):
    """A SIP header of ours, sent with the leg."""

    name: str
    value: str


class SipHeader(Sent, frozen=True):
    """A standard SIP header; Telnyx takes User-to-User only."""

    name: c.SipHeaderName
    value: str


class MachineDetectionConfig(Sent, frozen=True, kw_only=True):
    """Timings of machine detection. Premium reads only the total and the greeting.

    Telnyx docs: answering-machine-detection.
    """

    after_greeting_silence_millis: Maybe[int] = UNSET
    beep_detection_profile: Maybe[c.BeepProfile] = UNSET
    beep_max_frequency_hz: Maybe[int] = UNSET
    beep_min_frequency_hz: Maybe[int] = UNSET
    beep_min_tone_duration_millis: Maybe[int] = UNSET
    beep_spectral_confirmation: Maybe[bool] = UNSET
    beep_spectral_min_purity: Maybe[c.Purity] = UNSET
    beep_spectral_reject_fax_cng: Maybe[bool] = UNSET
    beep_spectral_window_millis: Maybe[int] = UNSET
    between_words_silence_millis: Maybe[int] = UNSET
    greeting_duration_millis: Maybe[int] = UNSET
    greeting_silence_duration_millis: Maybe[int] = UNSET
    greeting_total_analysis_time_millis: Maybe[int] = UNSET
    initial_silence_millis: Maybe[int] = UNSET
    maximum_number_of_words: Maybe[int] = UNSET
    maximum_word_length_millis: Maybe[int] = UNSET
    prompt_end_timeout_millis: Maybe[int] = UNSET
    silence_threshold: Maybe[int] = UNSET
    total_analysis_time_millis: Maybe[int] = UNSET


class ConferenceConfig(Sent, frozen=True, kw_only=True):
    """The conference that a dialled leg joins."""

    id: Maybe[str] = UNSET
    beep_enabled: Maybe[c.ConferenceBeep] = UNSET
    conference_name: Maybe[str] = UNSET
    early_media: Maybe[bool] = UNSET
    end_conference_on_exit: Maybe[bool] = UNSET
    hold: Maybe[bool] = UNSET
    hold_audio_url: Maybe[str] = UNSET
    hold_media_name: Maybe[str] = UNSET
    mute: Maybe[bool] = UNSET
    soft_end_conference_on_exit: Maybe[bool] = UNSET
    start_conference_on_create: Maybe[bool] = UNSET
    start_conference_on_enter: Maybe[bool] = UNSET
    supervisor_role: Maybe[c.ConferenceRole] = UNSET
    whisper_call_control_ids: Maybe[tuple[str, ...]] = UNSET


class DeepfakeDetection(Sent, frozen=True, kw_only=True):
    """Whether the voice is synthetic; times in seconds."""

    enabled: bool
    rtp_timeout: Maybe[c.RtpSeconds] = UNSET
    timeout: Maybe[c.DetectSeconds] = UNSET


class DialogflowConfig(Sent, frozen=True, kw_only=True):
    """A Dialogflow agent on the leg."""

    analyze_sentiment: Maybe[bool] = UNSET
    partial_automated_agent_reply: Maybe[bool] = UNSET


class SoundModifications(Sent, frozen=True, kw_only=True):
    """A changed voice: octaves, a factor of pitch, semitones."""

    octaves: Maybe[c.Octaves] = UNSET
    pitch: Maybe[c.Pitch] = UNSET
    semitone: Maybe[c.Semitones] = UNSET
    track: Maybe[c.SoundTrack] = UNSET


class WebhookRetries(Sent, frozen=True):
    """When an unanswered webhook is sent again: up to five delays in milliseconds, 60,000 in all."""

    retries_ms: Maybe[c.RetryDelays] = UNSET
