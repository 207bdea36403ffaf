"""Live transcription of a leg: one object for fifteen engines, and the table of what each of them takes.

Source: Telnyx docs: api-reference/call-commands/transcription_start, and the official SDK's engine configurations.
"""

from collections.abc import Iterator
from typing import Annotated, Final, Literal, NamedTuple

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import fields

from shared.commands import choices as c
from shared.commands import languages
from shared.commands.sent import Maybe, Sent

Engine = Literal[
    "Google",
    "Telnyx",
    "Deepgram",
    "Azure",
    "xAI",
    "AssemblyAI",
    "Speechmatics",
    "Soniox",
    "Parakeet",
    "Humain",
    "Reson8",
    "Cohere",
    "A",
    "B",
]
_ConfiguredEngine = Literal[
    "Google",
    "Telnyx",
    "Azure",
    "xAI",
    "AssemblyAI",
    "Speechmatics",
    "Soniox",
    "Parakeet",
    "Humain",
    "Reson8",
    "Cohere",
    "A",
    "B",
    "deepgram/nova-2",
    "deepgram/nova-3",
]
_GoogleModel = Literal[
    "latest_long",
    "latest_short",
    "command_and_search",
    "phone_call",
    "video",
    "default",
    "medical_conversation",
    "medical_dictation",
]
_AzureRegion = Literal["australiaeast", "centralindia", "eastus", "northcentralus", "westeurope", "westus2"]


class SpeechContext(Sent, frozen=True, kw_only=True):
    """Phrases that Google should expect, and by how much."""

    boost: Maybe[float] = UNSET
    phrases: Maybe[tuple[str, ...]] = UNSET


class EngineConfig(Sent, frozen=True, kw_only=True):
    """Settings of the engine; which of them an engine takes stands in ENGINES, and `check` holds them to it.

    One object and not fifteen: most engines may leave out their name here, so nothing in it tells them apart.
    """

    api_key_ref: Maybe[str] = UNSET
    enable_endpoint_detection: Maybe[bool] = UNSET
    enable_speaker_diarization: Maybe[bool] = UNSET
    hints: Maybe[tuple[str, ...]] = UNSET
    interim_results: Maybe[bool] = UNSET
    keyterms: Maybe[Annotated[tuple[str, ...], Meta(max_length=100)]] = UNSET
    keywords_boosting: Maybe[dict[str, float]] = UNSET
    language: Maybe[str] = UNSET
    max_endpoint_delay_ms: Maybe[Annotated[int, Meta(ge=500, le=3000)]] = UNSET
    max_speaker_count: Maybe[int] = UNSET
    min_speaker_count: Maybe[int] = UNSET
    model: Maybe[_GoogleModel] = UNSET
    profanity_filter: Maybe[bool] = UNSET
    region: Maybe[_AzureRegion] = UNSET
    smart_format: Maybe[bool] = UNSET
    speech_context: Maybe[tuple[SpeechContext, ...]] = UNSET
    transcription_engine: Maybe[_ConfiguredEngine] = UNSET
    transcription_model: Maybe[str] = UNSET
    use_enhanced: Maybe[bool] = UNSET
    utterance_end_ms: Maybe[Annotated[int, Meta(ge=0, le=5000)]] = UNSET


class TranscriptionConfig(Sent, frozen=True, kw_only=True):
    """Who transcribes which track, and how."""

    client_state: Maybe[c.ClientState] = UNSET
    command_id: Maybe[str] = UNSET
    transcription_engine: Maybe[Engine] = UNSET
    transcription_engine_config: Maybe[EngineConfig] = UNSET
    transcription_tracks: Maybe[c.Track] = UNSET


class Takes(NamedTuple):
    """What an engine takes beside its own name: field names, languages and models joined by bars ("" is any)."""

    fields: frozenset[str]
    languages: str = ""
    models: str = ""
    needs: tuple[str, ...] = ()


def _takes(fields: str, languages: str = "", models: str = "", needs: str = "") -> Takes:
    """`fields` and `needs` are words; a list of languages or models brings its field along."""
    names = {*fields.split(), *(["language"] if languages else []), *(["transcription_model"] if models else [])}
    return Takes(frozenset(names), languages, models, tuple(needs.split()))


_GOOGLE: Final = _takes(
    "enable_speaker_diarization hints interim_results max_speaker_count min_speaker_count model profanity_filter"
    " speech_context use_enhanced",
    languages.GOOGLE,
)
_WHISPER: Final = _takes("", languages.TELNYX, "openai/whisper-tiny|openai/whisper-large-v3-turbo")
_NOVA: Final = "interim_results keywords_boosting smart_format utterance_end_ms"

ENGINES: Final[dict[str, Takes]] = {
    "Google": _GOOGLE,
    "A": _GOOGLE,
    "Telnyx": _WHISPER,
    "B": _WHISPER,
    "Azure": _takes("region api_key_ref", languages.AZURE, needs="region transcription_engine"),
    "xAI": _takes("interim_results", languages.XAI, "xai/grok-stt"),
    "AssemblyAI": _takes("interim_results", models="assemblyai/universal-3-5-pro|assemblyai/universal-streaming"),
    "Speechmatics": _takes(
        "interim_results", languages.SPEECHMATICS, "speechmatics/standard|speechmatics/linden-1"
    ),
    "Soniox": _takes(
        "enable_endpoint_detection interim_results language max_endpoint_delay_ms",
        models="soniox/stt-rt-v4",
        needs="transcription_engine",
    ),
    "Parakeet": _takes("interim_results", models="nvidia/parakeet-v3|omi-health/omi-med-stt-v1"),
    "Humain": _takes("", languages.HUMAIN, "humain/realtime"),
    "Reson8": _takes("", languages.RESON8, "reson8/turns"),
    "Cohere": _takes("", languages.COHERE, "cohere/ar-stt"),
    "deepgram/nova-2": _takes(
        f"{_NOVA} hints", languages.NOVA_2, "deepgram/nova-2", "transcription_engine transcription_model"
    ),
    "deepgram/nova-3": _takes(
        f"{_NOVA} keyterms", languages.NOVA_3, "deepgram/nova-3", "transcription_engine transcription_model"
    ),
}


def transcription_faults(config: TranscriptionConfig) -> Iterator[str]:
    """What the engine would not take: a field of another engine, a language or model that it lacks."""
    engine = config.transcription_engine_config
    if isinstance(engine, UnsetType):
        return
    name = engine.transcription_engine or config.transcription_engine or ""
    takes = ENGINES.get(name)
    if takes is None:  # not named, or newer than this table
        return
    path = "transcription_config.transcription_engine_config"
    given = {field.name for field in fields(engine) if getattr(engine, field.name) is not UNSET}
    for field in sorted(given - takes.fields - {"transcription_engine"}):
        yield f"{path}.{field}: {name} takes only {', '.join(sorted(takes.fields))}"
    for field in sorted({*takes.needs} - given):
        yield f"{path}.{field} is missing: {name} needs it"
    for field, values in (("language", takes.languages), ("transcription_model", takes.models)):
        value = getattr(engine, field)
        if values and isinstance(value, str) and value not in values.split("|"):
            yield f"{path}.{field}: {name} takes only {', '.join(values.split('|'))}"
