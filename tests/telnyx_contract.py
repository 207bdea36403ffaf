"""The contract as Telnyx documents it (tests/payloads/contract), beside what stands for it in our code."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from msgspec.structs import fields

from shared import commands as c
from shared.commands import assistant, relay, voices
from shared.telnyx import OPERATIONS as OURS
from shared.telnyx import applications as apps
from shared.telnyx.call_events import ListCallEvents
from shared.telnyx.calls import ListActiveCalls
from shared.telnyx.recordings import ListRecordings

_FOLDER: Final = Path(__file__).parent / "payloads" / "contract"
_CONTRACT: Final = json.loads((_FOLDER / "operations.json").read_bytes())
OPERATIONS: Final[dict[str, Any]] = _CONTRACT["operations"]
OBJECTS: Final[dict[str, Any]] = _CONTRACT["objects"]
EVENTS: Final[dict[str, Any]] = json.loads((_FOLDER / "events.json").read_bytes())["events"]
ENVELOPE: Final[list[str]] = json.loads((_FOLDER / "events.json").read_bytes())["envelope"]

IDS: Final = {"call_control_id": "v3:leg-A_1", "connection_id": "290", "id": "29/0", "recording_id": "r-1"}
LEAST: Final[dict[str, c.Sent]] = {  # of each operation that takes something, what Telnyx demands
    "answer": c.Answer(),
    "bridge": c.Bridge(call_control_id="v3:other"),
    "dial": c.Dial(connection_id="290", from_="+12025550142", to="+12025550111"),
    "hangup": c.Hangup(),
    "transfer": c.Transfer(to="+12025550111"),
    "reject": c.Reject(cause="USER_BUSY"),
    "client_state_update": c.UpdateClientState(client_state="YQ=="),
    "speak": c.Speak(payload="Hello", voice="female"),
    "playback_start": c.StartPlayback(),
    "playback_stop": c.StopPlayback(),
    "record_start": c.StartRecording(channels="dual", format="mp3"),
    "record_stop": c.StopRecording(),
    "record_pause": c.PauseRecording(),
    "record_resume": c.ResumeRecording(),
    "gather_using_speak": c.GatherUsingSpeak(payload="Press 1", voice="female"),
    "send_dtmf": c.SendDtmf(digits="1"),
    "streaming_start": c.StartStreaming(),
    "streaming_stop": c.StopStreaming(),
    "list_active_calls": ListActiveCalls(),
    "list_call_events": ListCallEvents(),
    "list_call_control_applications": apps.ListApplications(),
    "create_call_control_application": apps.CreateApplication(
        application_name="Clinic", webhook_event_url="https://a.example"
    ),
    "update_call_control_application": apps.UpdateApplication(
        application_name="Clinic", webhook_event_url="https://a.example"
    ),
    "list_recordings": ListRecordings(),
}

_TOOL_SCHEMA: Final = assistant.ToolSchema()
OUR_OBJECTS: Final[dict[str, msgspec.Struct]] = {  # the least of each object inside them
    "AnsweringMachineDetectionConfig": c.MachineDetectionConfig(),
    "AwsVoiceSettings": voices.AwsVoice(),
    "AzureVoiceSettings": voices.AzureVoice(),
    "BackgroundAudioMediaName": assistant.AudioByName(value="a"),
    "BackgroundAudioMediaURL": assistant.AudioFromUrl(value="https://a.example"),
    "BackgroundAudioPredefinedMedia": assistant.PredefinedAudio(value="office"),
    "BookAppointmentTool": assistant.BookAppointmentTool(
        book_appointment=assistant.Booking(api_key_ref="k", event_type_id=1)
    ),
    "BookAppointmentToolParams": assistant.Booking(api_key_ref="k", event_type_id=1),
    "CallAssistantRequest": c.Assistant(id="a"),
    "CallControlApplicationInbound": apps.InboundSettings(),
    "CallControlApplicationOutbound": apps.OutboundSettings(),
    "CallControlBucketIDs": assistant.Buckets(bucket_ids=()),
    "CallControlRetrievalTool": assistant.RetrievalTool(retrieval=assistant.Buckets(bucket_ids=())),
    "CheckAvailabilityTool": assistant.CheckAvailabilityTool(
        check_availability=assistant.Availability(api_key_ref="k", event_type_id=1)
    ),
    "CheckAvailabilityToolParams": assistant.Availability(api_key_ref="k", event_type_id=1),
    "ConferenceConfig": c.ConferenceConfig(),
    "ConversationRelayEmbeddedConfig": c.ConversationRelay(url="wss://a.example"),
    "ConversationRelayInterruptionSettings": relay.InterruptionSettings(),
    "ConversationRelayLanguage": relay.RelayLanguage(language="en"),
    "CustomParameter": c.StreamParameter(),
    "CustomSipHeader": c.CustomHeader("X-Demo", "1"),
    "DeepfakeDetection": c.DeepfakeDetection(enabled=True),
    "DialogflowConfig": c.DialogflowConfig(),
    "ElevenLabsVoiceSettings": voices.ElevenLabsVoice(),
    "HangupTool": assistant.HangupTool(hangup=assistant.ToolHangup()),
    "HangupToolParams": assistant.ToolHangup(),
    "InworldVoiceSettings": voices.InworldVoice(),
    "MinimaxVoiceSettings": voices.MinimaxVoice(),
    "ResembleVoiceSettings": voices.ResembleVoice(),
    "SipHeader": c.SipHeader("User-to-User", "1"),
    "SonioxVoiceSettings": voices.SonioxVoice(),
    "SoundModifications": c.SoundModifications(),
    "SpeechContext": c.SpeechContext(),
    "TelnyxVoiceSettings": voices.TelnyxVoice(),
    "TranscriptionConfig": assistant.AssistantTranscription(),
    "TranscriptionStartRequest": c.TranscriptionConfig(),
    "Transfer": assistant.ToolTransfer(targets=()),
    "TransferTargetsTargetsList": assistant.TransferTarget(to="+12025550111"),
    "TransferTool": assistant.TransferTool(transfer=assistant.ToolTransfer(targets=())),
    "VoiceSettings": assistant.AssistantVoice(voice="AWS.Polly.Joanna"),
    "Webhook": assistant.ToolWebhook(description="d", name="n", url="https://a.example"),
    "WebhookBodyParameters": _TOOL_SCHEMA,
    "WebhookHeader": assistant.ToolHeader(),
    "WebhookPathParameters": _TOOL_SCHEMA,
    "WebhookQueryParameters": _TOOL_SCHEMA,
    "WebhookRetriesPolicies": c.WebhookRetries(),
    "WebhookTool": assistant.WebhookTool(
        webhook=assistant.ToolWebhook(description="d", name="n", url="https://a.example")
    ),
    "XaiVoiceSettings": voices.XaiVoice(),
}
# The vendor's own types of these take any key, so ours are plain objects.
OPEN_OBJECTS: Final = frozenset(
    {"ConversationRelayTranscriptionEngineConfig", "ExternalLlm", "FallbackConfig", "FallbackConfigExternalLlm"}
)
# Fifteen variants of one object: see `commands/transcription.py`.
ENGINES: Final = {
    rules["transcription_engine"]["enum"][0]: rules
    for name, rules in OBJECTS.items()
    if "transcription_engine" in rules and len(rules["transcription_engine"].get("enum", ())) == 1
}


def ids_of(name: str) -> dict[str, str]:
    """The ids in the path of an operation."""
    return {place: IDS[place] for place in OURS[name].ids}


def attribute(kind: type[msgspec.Struct], wire_name: str) -> str:
    """The name in Python of a field on the wire."""
    return next(field.name for field in fields(kind) if field.encode_name == wire_name)


def wire_paths(kind: type[msgspec.Struct], prefix: str = "") -> Iterator[str]:
    """Every field of a type and of the objects in it, with dots, as the contract writes them."""
    for field in fields(kind):
        yield prefix + field.encode_name
        for inner in structs_in(field.type):
            yield from wire_paths(inner, f"{prefix}{field.encode_name}.")


def structs_in(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    """The objects that a field may hold, by its type."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield annotation
    for part in get_args(annotation):
        yield from structs_in(part)
