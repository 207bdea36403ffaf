"""Telnyx's webhooks as types: bytes in, `Envelope` and `Payload` out; unknown events and odd fields pass through.

Source: Telnyx docs: receiving-webhooks, voice-api-webhooks, answering-machine-detection, storing-call-recordings;
the official SDK's models.
"""

from typing import Final

from shared.events.payloads import (
    PAYLOADS,
    CallAnswered,
    CallBridged,
    CallHungUp,
    CallInitiated,
    CallScreeningDetected,
    GatherEnded,
    Header,
    MachineDetectionEnded,
    MachineGreetingEnded,
    Other,
    Payload,
    PlaybackEnded,
    PlaybackStarted,
    PremiumDetectionEnded,
    PremiumDetectionStarted,
    PremiumGreetingEnded,
    RecordingFailed,
    RecordingSaved,
    RecordingUrls,
    SpeakEnded,
    SpeakStarted,
    StreamingFailed,
    StreamingStarted,
    StreamingStopped,
)
from shared.events.reading import CallIds, Envelope, read_envelope, read_payload

WEBHOOK_PATH: Final = "/webhooks/telnyx"  # of a deployment: where Telnyx delivers them

__all__ = [
    "PAYLOADS",
    "WEBHOOK_PATH",
    "CallAnswered",
    "CallBridged",
    "CallHungUp",
    "CallIds",
    "CallInitiated",
    "CallScreeningDetected",
    "Envelope",
    "GatherEnded",
    "Header",
    "MachineDetectionEnded",
    "MachineGreetingEnded",
    "Other",
    "Payload",
    "PlaybackEnded",
    "PlaybackStarted",
    "PremiumDetectionEnded",
    "PremiumDetectionStarted",
    "PremiumGreetingEnded",
    "RecordingFailed",
    "RecordingSaved",
    "RecordingUrls",
    "SpeakEnded",
    "SpeakStarted",
    "StreamingFailed",
    "StreamingStarted",
    "StreamingStopped",
    "read_envelope",
    "read_payload",
]
