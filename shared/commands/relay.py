"""A conversation relay that begins with the leg's answer: speech in both directions as text on our WebSocket.

Source: the official SDK's ConversationRelayEmbeddedConfigParam. Objects that the
vendor leaves open stay open here.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta

from shared.commands.sent import Maybe, Sent
from shared.commands.voices import VoiceSettings

Interruptible = Literal["none", "any", "speech", "dtmf"]
RelayEngine = Literal[
    "Google", "Telnyx", "Deepgram", "Azure", "xAI", "AssemblyAI", "Speechmatics", "Soniox", "A", "B"
]
WebSocketUrl = Annotated[str, Meta(pattern=r"\Awss?://")]


class InterruptionSettings(Sent, frozen=True, kw_only=True):
    """What of the caller may interrupt; `enable` is the older form, true for any and false for none."""

    enable: Maybe[bool] = UNSET
    interruptible: Maybe[Interruptible] = UNSET
    interruptible_greeting: Maybe[Interruptible] = UNSET
    welcome_greeting_interruptible: Maybe[Interruptible] = UNSET


class RelayLanguage(Sent, frozen=True, kw_only=True):
    """How one language, a BCP 47 tag, is spoken and heard."""

    language: str
    speech_model: Maybe[str] = UNSET
    transcription_engine: Maybe[RelayEngine] = UNSET
    transcription_engine_config: Maybe[dict[str, Any]] = UNSET
    transcription_provider: Maybe[str] = UNSET
    tts_provider: Maybe[str] = UNSET
    voice: Maybe[str] = UNSET
    voice_settings: Maybe[VoiceSettings] = UNSET


class ConversationRelay(Sent, frozen=True, kw_only=True):
    """`provider` and `structured_provider` come together or not at all."""

    url: WebSocketUrl
    custom_parameters: Maybe[dict[str, Any]] = UNSET
    dtmf_detection: Maybe[bool] = UNSET
    greeting: Maybe[str] = UNSET
    interruptible: Maybe[Interruptible] = UNSET
    interruptible_greeting: Maybe[Interruptible] = UNSET
    interruption_settings: Maybe[InterruptionSettings] = UNSET
    language: Maybe[str] = UNSET
    languages: Maybe[tuple[RelayLanguage, ...]] = UNSET
    provider: Maybe[str] = UNSET
    structured_provider: Maybe[dict[str, Any]] = UNSET
    transcription_engine: Maybe[RelayEngine] = UNSET
    transcription_engine_config: Maybe[dict[str, Any]] = UNSET
    tts_provider: Maybe[str] = UNSET
    voice: Maybe[str] = UNSET
    voice_settings: Maybe[VoiceSettings] = UNSET
