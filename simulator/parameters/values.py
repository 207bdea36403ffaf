"""What a field of a command may be: enums, ranges and lengths (Telnyx docs: api-reference/call-commands).

Voices, codecs in their order and the languages of transcription pass as any text.
"""

from typing import Annotated, Literal

from msgspec import Meta

Detection = Literal[
    "disabled",
    "detect",
    "detect_beep",
    "detect_words",
    "greeting_end",
    "premium",
    "premium_ios_call_screening_detection",
]
AudioFormat = Literal["wav", "mp3"]
Channels = Literal["single", "dual"]
Legs = Literal["both", "self", "opposite"]
Park = Literal["self"]
Method = Literal["POST", "GET"]
MuteDtmf = Literal["none", "both", "self", "opposite"]
PayloadType = Literal["text", "ssml"]
ServiceLevel = Literal["basic", "premium"]
StreamTrack = Literal["inbound_track", "outbound_track", "both_tracks"]
Track = Literal["both", "inbound", "outbound"]
Trim = Literal["trim-silence"]

# fmt: off
Engine = Literal[
    "Google", "Telnyx", "Deepgram", "Azure", "xAI", "AssemblyAI", "Speechmatics", "Soniox", "Parakeet",
    "Humain", "Reson8", "Cohere", "A", "B",
]
Language = Literal[
    "arb", "cmn-CN", "cy-GB", "da-DK", "de-DE", "en-AU", "en-GB", "en-GB-WLS", "en-IN", "en-US", "es-ES",
    "es-MX", "es-US", "fr-CA", "fr-FR", "hi-IN", "is-IS", "it-IT", "ja-JP", "ko-KR", "nb-NO", "nl-NL",
    "pl-PL", "pt-BR", "pt-PT", "ro-RO", "ru-RU", "sv-SE", "tr-TR",
]
Ringtone = Literal[
    "at", "au", "be", "bg", "br", "ch", "cl", "cn", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hu",
    "il", "in", "it", "jp", "lt", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt", "ru", "se", "sg", "th",
    "tw", "uk", "us-old", "us", "ve", "za",
]
# fmt: on

FileName = Annotated[str, Meta(min_length=1, max_length=40)]
Text = Annotated[str, Meta(min_length=1, max_length=3000)]
Token = Annotated[str, Meta(max_length=4000)]

AnswerRecordS = Annotated[int, Meta(ge=0, le=43200)]
CallS = Annotated[int, Meta(ge=30, le=14400)]
Milliseconds = Annotated[int, Meta(ge=0)]
NotNegative = Annotated[int, Meta(ge=0)]
PromptEndMs = Annotated[int, Meta(ge=1000, le=120_000)]
RecordS = Annotated[int, Meta(ge=0, le=14400)]
RingS = Annotated[int, Meta(ge=5, le=600)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
ToneMs = Annotated[int, Meta(ge=100, le=500)]
