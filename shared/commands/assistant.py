"""An AI assistant that takes part in a leg from its answer on: what overrides its stored configuration.

Source: the official SDK's CallAssistantRequestParam; Telnyx docs: inference/ai-assistants. Objects that the vendor
leaves open (another provider's settings) stay open here.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, field

from shared.commands import choices as c
from shared.commands.languages import BoostedLanguage
from shared.commands.sent import Maybe, Sent


class PredefinedAudio(Sent, frozen=True, kw_only=True, tag_field="type", tag="predefined_media"):
    value: Literal["silence", "office"]
    volume: Maybe[Annotated[float, Meta(ge=0.1, le=1)]] = UNSET


class AudioFromUrl(Sent, frozen=True, kw_only=True, tag_field="type", tag="media_url"):
    value: str


class AudioByName(Sent, frozen=True, kw_only=True, tag_field="type", tag="media_name"):
    value: str


class AssistantVoice(Sent, frozen=True, kw_only=True):
    """`voice` as in speak; most settings hold for one provider only."""

    voice: str
    api_key_ref: Maybe[str] = UNSET
    background_audio: Maybe[PredefinedAudio | AudioFromUrl | AudioByName] = UNSET
    expressive_mode: Maybe[bool] = UNSET
    language_boost: Maybe[BoostedLanguage | None] = UNSET
    similarity_boost: Maybe[float] = UNSET
    speed: Maybe[float] = UNSET
    style: Maybe[float] = UNSET
    temperature: Maybe[float] = UNSET
    use_speaker_boost: Maybe[bool] = UNSET
    voice_speed: Maybe[float] = UNSET


class AssistantTranscription(Sent, frozen=True, kw_only=True):
    """How the assistant hears."""

    language: Maybe[str] = UNSET
    model: Maybe[
        Literal[
            "deepgram/flux",
            "flux",
            "deepgram/nova-3",
            "deepgram/nova-2",
            "speechmatics/standard",
            "speechmatics/enhanced",
            "speechmatics/linden-1",
            "assemblyai/universal-3-5-pro",
            "assemblyai/universal-streaming",
            "xai/grok-stt",
            "soniox/stt-rt-v4",
            "nvidia/parakeet-v3",
            "omi-health/omi-med-stt-v1",
            "humain/realtime",
            "reson8/turns",
            "cohere/ar-stt",
            "azure/fast",
            "azure/realtime",
            "google/latest_long",
            "distil-whisper/distil-large-v2",
            "openai/whisper-large-v3-turbo",
        ]
    ] = UNSET


class Booking(Sent, frozen=True, kw_only=True):
    api_key_ref: str
    event_type_id: int
    attendee_name: Maybe[str] = UNSET
    attendee_timezone: Maybe[str] = UNSET


class Availability(Sent, frozen=True, kw_only=True):
    api_key_ref: str
    event_type_id: int


class ToolSchema(Sent, frozen=True, kw_only=True):
    """JSON Schema of what a webhook tool is called with."""

    properties: Maybe[dict[str, Any]] = UNSET
    required: Maybe[tuple[str, ...]] = UNSET
    type: Maybe[Literal["object"]] = UNSET


class ToolHeader(Sent, frozen=True, kw_only=True):
    name: Maybe[str] = UNSET
    value: Maybe[str] = UNSET


class ToolWebhook(Sent, frozen=True, kw_only=True):
    description: str
    name: str
    url: str
    body_parameters: Maybe[ToolSchema] = UNSET
    headers: Maybe[tuple[ToolHeader, ...]] = UNSET
    method: Maybe[Literal["GET", "POST", "PUT", "DELETE", "PATCH"]] = UNSET
    path_parameters: Maybe[ToolSchema] = UNSET
    query_parameters: Maybe[ToolSchema] = UNSET


class ToolHangup(Sent, frozen=True, kw_only=True):
    description: Maybe[str] = UNSET


class TransferTarget(Sent, frozen=True, kw_only=True):
    to: str
    name: Maybe[str] = UNSET


class ToolTransfer(Sent, frozen=True, kw_only=True):
    """`targets` may be a template that resolves to them at run time."""

    targets: tuple[TransferTarget, ...] | str
    from_: Maybe[str] = field(name="from", default=UNSET)


class Buckets(Sent, frozen=True, kw_only=True):
    bucket_ids: tuple[str, ...]
    max_num_results: Maybe[int] = UNSET


class BookAppointmentTool(Sent, frozen=True, kw_only=True, tag_field="type", tag="book_appointment"):
    book_appointment: Booking


class CheckAvailabilityTool(Sent, frozen=True, kw_only=True, tag_field="type", tag="check_availability"):
    check_availability: Availability


class WebhookTool(Sent, frozen=True, kw_only=True, tag_field="type", tag="webhook"):
    webhook: ToolWebhook
    timeout_ms: Maybe[int] = UNSET


class HangupTool(Sent, frozen=True, kw_only=True, tag_field="type", tag="hangup"):
    hangup: ToolHangup


class TransferTool(Sent, frozen=True, kw_only=True, tag_field="type", tag="transfer"):
    transfer: ToolTransfer


class RetrievalTool(Sent, frozen=True, kw_only=True, tag_field="type", tag="retrieval"):
    retrieval: Buckets


Tool = BookAppointmentTool | CheckAvailabilityTool | WebhookTool | HangupTool | TransferTool | RetrievalTool


class Assistant(Sent, frozen=True, kw_only=True):
    """The assistant `id`; a given `voice_settings` or `transcription` replaces the stored one as a whole."""

    id: str
    dynamic_variables: Maybe[dict[str, str | float | bool]] = UNSET
    external_llm: Maybe[dict[str, Any]] = UNSET
    fallback_config: Maybe[dict[str, Any]] = UNSET
    greeting: Maybe[c.SpokenText] = UNSET
    instructions: Maybe[str] = UNSET
    llm_api_key_ref: Maybe[str] = UNSET
    mcp_servers: Maybe[tuple[dict[str, Any], ...]] = UNSET
    model: Maybe[str] = UNSET
    name: Maybe[str] = UNSET
    observability_settings: Maybe[dict[str, Any]] = UNSET
    openai_api_key_ref: Maybe[str] = UNSET  # the older name of llm_api_key_ref
    tools: Maybe[tuple[Tool, ...]] = UNSET
    transcription: Maybe[AssistantTranscription] = UNSET
    voice_settings: Maybe[AssistantVoice] = UNSET
