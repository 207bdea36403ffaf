"""Commands that speak, play, gather and press digits. Unset fields are left out; names are Telnyx's own."""

from msgspec import UNSET

from shared.commands import choices as c
from shared.commands.languages import Language
from shared.commands.sent import Maybe, Sent
from shared.commands.voices import VoiceSettings


class Speak(Sent, frozen=True, kw_only=True):
    """Speak `payload` to the leg; `voice` is mandatory (`female`, or a provider's voice by name)."""

    payload: c.SpokenText
    voice: str
    client_state: Maybe[c.ClientState] = UNSET
    language: Maybe[Language] = UNSET
    loop: Maybe[str | int] = UNSET
    payload_type: Maybe[c.PayloadType] = UNSET
    service_level: Maybe[c.ServiceLevel] = UNSET
    stop: Maybe[str] = UNSET
    target_legs: Maybe[c.TargetLegs] = UNSET
    voice_settings: Maybe[VoiceSettings] = UNSET


class StartPlayback(Sent, frozen=True, kw_only=True):
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


class StopPlayback(Sent, frozen=True, kw_only=True):
    """Stop what is played or spoken."""

    client_state: Maybe[c.ClientState] = UNSET
    overlay: Maybe[bool] = UNSET
    stop: Maybe[str] = UNSET


class GatherUsingSpeak(Sent, frozen=True, kw_only=True):
    """Speak a prompt and collect digits; they come as `call.gather.ended`."""

    payload: c.SpokenText
    voice: str
    client_state: Maybe[c.ClientState] = UNSET
    inter_digit_timeout_millis: Maybe[int] = UNSET
    invalid_payload: Maybe[c.SpokenText] = UNSET
    language: Maybe[Language] = UNSET
    maximum_digits: Maybe[c.MaxDigits] = UNSET
    maximum_tries: Maybe[int] = UNSET
    minimum_digits: Maybe[c.MinDigits] = UNSET
    payload_type: Maybe[c.PayloadType] = UNSET
    service_level: Maybe[c.ServiceLevel] = UNSET
    terminating_digit: Maybe[str] = UNSET
    timeout_millis: Maybe[int] = UNSET
    valid_digits: Maybe[str] = UNSET
    voice_settings: Maybe[VoiceSettings] = UNSET


class SendDtmf(Sent, frozen=True, kw_only=True):
    """Press `digits` on the leg; each lasts 250 ms unless told."""

    digits: c.DtmfDigits
    client_state: Maybe[c.ClientState] = UNSET
    duration_millis: Maybe[c.DtmfMillis] = UNSET
