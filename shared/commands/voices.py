"""Settings of a spoken voice: an object for each provider, told apart by `type`.

Source: Telnyx docs: api-reference/call-commands/speak, and the official SDK's voice settings. The ranges
are those that the text of `voice` names.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta

from shared.commands.languages import BoostedLanguage
from shared.commands.sent import Maybe, Sent


class _Voice(Sent, frozen=True, kw_only=True, tag_field="type"):
    """`type` names the provider."""


class ElevenLabsVoice(_Voice, frozen=True, kw_only=True, tag="elevenlabs"):
    """`api_key_ref` is the name of an integration secret; ElevenLabs speaks only with one."""

    api_key_ref: Maybe[str] = UNSET


class TelnyxVoice(_Voice, frozen=True, kw_only=True, tag="telnyx"):
    """Telnyx's own models."""

    voice_speed: Maybe[float] = UNSET


class AwsVoice(_Voice, frozen=True, kw_only=True, tag="aws"):
    """Amazon Polly has no settings here."""


class MinimaxVoice(_Voice, frozen=True, kw_only=True, tag="minimax"):
    """Null for no language boost."""

    language_boost: Maybe[BoostedLanguage | None] = UNSET
    pitch: Maybe[int] = UNSET
    speed: Maybe[float] = UNSET
    vol: Maybe[float] = UNSET


class AzureVoice(_Voice, frozen=True, kw_only=True, tag="azure"):
    """A deployment, region or key of one's own."""

    api_key_ref: Maybe[str] = UNSET
    deployment_id: Maybe[str] = UNSET
    effect: Maybe[Literal["eq_car", "eq_telecomhp8k"]] = UNSET
    gender: Maybe[Literal["Male", "Female"]] = UNSET
    region: Maybe[str] = UNSET


class ResembleVoice(_Voice, frozen=True, kw_only=True, tag="resemble"):
    """The audio that Resemble makes; rates as text."""

    format: Maybe[Literal["wav", "mp3"]] = UNSET
    precision: Maybe[Literal["PCM_16", "PCM_24", "PCM_32", "MULAW"]] = UNSET
    sample_rate: Maybe[Literal["8000", "16000", "22050", "32000", "44100", "48000"]] = UNSET


class InworldVoice(_Voice, frozen=True, kw_only=True, tag="inworld"):
    """The model TTS2 alone reads it."""

    delivery_mode: Maybe[Literal["STABLE", "BALANCED", "CREATIVE"]] = UNSET


class XaiVoice(_Voice, frozen=True, kw_only=True, tag="xai"):
    language: Maybe[str] = UNSET


class SonioxVoice(_Voice, frozen=True, kw_only=True, tag="soniox"):
    reduce_silence: Maybe[bool] = UNSET
    speed: Maybe[Annotated[float, Meta(ge=0.7, le=1.3)]] = UNSET


VoiceSettings = (
    ElevenLabsVoice
    | TelnyxVoice
    | AwsVoice
    | MinimaxVoice
    | AzureVoice
    | ResembleVoice
    | InworldVoice
    | XaiVoice
    | SonioxVoice
)
