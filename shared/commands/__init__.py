"""Telnyx's call commands as types, and as the requests that carry them.

A command is frozen and imperative; `check` judges it, `request` gives its bytes. Field names are Telnyx's own.
"""

from shared.commands.choices import AmdMode, AudioFormat, Channels, Language, RejectCause, Track
from shared.commands.legs import Answer, Bridge, Dial, Hangup, Reject, Transfer, UpdateClientState
from shared.commands.limits import check
from shared.commands.media import (
    GatherUsingSpeak,
    Speak,
    StartPlayback,
    StartRecording,
    StopPlayback,
    StopRecording,
)
from shared.commands.parts import (
    ConferenceConfig,
    CustomHeader,
    DeepfakeDetection,
    DialogflowConfig,
    MachineDetectionConfig,
    SipHeader,
    SoundModifications,
    TranscriptionConfig,
    WebhookRetries,
)
from shared.commands.requests import (
    VERBS,
    Command,
    Request,
    digest,
    look_at_active_calls,
    look_at_call,
    request,
    retrieve_recording,
)

__all__ = [
    "VERBS",
    "AmdMode",
    "Answer",
    "AudioFormat",
    "Bridge",
    "Channels",
    "Command",
    "ConferenceConfig",
    "CustomHeader",
    "DeepfakeDetection",
    "Dial",
    "DialogflowConfig",
    "GatherUsingSpeak",
    "Hangup",
    "Language",
    "MachineDetectionConfig",
    "Reject",
    "RejectCause",
    "Request",
    "SipHeader",
    "SoundModifications",
    "Speak",
    "StartPlayback",
    "StartRecording",
    "StopPlayback",
    "StopRecording",
    "Track",
    "TranscriptionConfig",
    "Transfer",
    "UpdateClientState",
    "WebhookRetries",
    "check",
    "digest",
    "look_at_active_calls",
    "look_at_call",
    "request",
    "retrieve_recording",
]
