"""Telnyx's call commands as types, and as the requests that carry them.

A command is frozen and imperative; `check` judges it, `request` gives its bytes. Field names are Telnyx's own.
What else of Telnyx's API we use (applications, recordings, lists) stands in `shared.telnyx`.
"""

from shared.commands.assistant import Assistant
from shared.commands.choices import AmdMode, AudioFormat, Channels, RejectCause, Track
from shared.commands.decoding import decode, decode_command, wire_fields
from shared.commands.languages import Language
from shared.commands.legs import Answer, Bridge, Dial, Hangup, Reject, Transfer, UpdateClientState
from shared.commands.limits import check, check_fields
from shared.commands.media import GatherUsingSpeak, SendDtmf, Speak, StartPlayback, StopPlayback
from shared.commands.parts import (
    ConferenceConfig,
    CustomHeader,
    DeepfakeDetection,
    DialogflowConfig,
    MachineDetectionConfig,
    SipHeader,
    SoundModifications,
    WebhookRetries,
)
from shared.commands.recording import PauseRecording, ResumeRecording, StartRecording, StopRecording
from shared.commands.relay import ConversationRelay
from shared.commands.requests import (
    VERBS,
    Command,
    Request,
    digest,
    look_at_active_calls,
    look_at_call,
    request,
    retrieve_recording,
    segment,
)
from shared.commands.sent import Maybe, Sent
from shared.commands.streaming import StartStreaming, StopStreaming, StreamParameter
from shared.commands.transcription import EngineConfig, SpeechContext, TranscriptionConfig
from shared.commands.voices import VoiceSettings

__all__ = [
    "VERBS",
    "AmdMode",
    "Answer",
    "Assistant",
    "AudioFormat",
    "Bridge",
    "Channels",
    "Command",
    "ConferenceConfig",
    "ConversationRelay",
    "CustomHeader",
    "DeepfakeDetection",
    "Dial",
    "DialogflowConfig",
    "EngineConfig",
    "GatherUsingSpeak",
    "Hangup",
    "Language",
    "MachineDetectionConfig",
    "Maybe",
    "PauseRecording",
    "Reject",
    "RejectCause",
    "Request",
    "ResumeRecording",
    "SendDtmf",
    "Sent",
    "SipHeader",
    "SoundModifications",
    "Speak",
    "SpeechContext",
    "StartPlayback",
    "StartRecording",
    "StartStreaming",
    "StopPlayback",
    "StopRecording",
    "StopStreaming",
    "StreamParameter",
    "Track",
    "TranscriptionConfig",
    "Transfer",
    "UpdateClientState",
    "VoiceSettings",
    "WebhookRetries",
    "check",
    "check_fields",
    "decode",
    "decode_command",
    "digest",
    "look_at_active_calls",
    "look_at_call",
    "request",
    "retrieve_recording",
    "segment",
    "wire_fields",
]
