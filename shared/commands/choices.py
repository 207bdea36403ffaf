"""What Telnyx lets a field of a command be: its enums, ranges and patterns, as types.

Source: Telnyx docs: api-reference/call-commands (dial, transfer, answer, bridge, speak, record_start and others).
The constructors do not enforce them, `check` does: so a value that is newer than this list can still be sent.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta

AmdMode = Literal[
    "premium",
    "premium_ios_call_screening_detection",
    "detect",
    "detect_beep",
    "detect_words",
    "greeting_end",
    "disabled",
]
AudioFormat = Literal["wav", "mp3"]
BeepProfile = Literal["both", "freq_only"]
BidirectionalMode = Literal["mp3", "rtp"]
Channels = Literal["single", "dual"]
Codec = Literal["PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16"]
ConferenceBeep = Literal["always", "never", "on_enter", "on_exit"]
ConferenceRole = Literal["barge", "monitor", "none", "whisper"]
MediaEncryption = Literal["disabled", "SRTP", "DTLS"]
MuteDtmf = Literal["none", "both", "self", "opposite"]
Park = Literal["self"]
PayloadType = Literal["text", "ssml"]
Privacy = Literal["id", "none"]
RecordFrom = Literal["record-from-answer"]
RejectCause = Literal["CALL_REJECTED", "NOT_FOUND", "TEMPORARILY_UNAVAILABLE", "USER_BUSY"]
SamplingRate = Literal[8000, 16000, 22050, 24000, 48000]
ServiceLevel = Literal["basic", "premium"]
SipHeaderName = Literal["User-to-User"]
SipRegion = Literal["US", "Europe", "Canada", "Australia", "Middle East"]
SipTransport = Literal["UDP", "TCP", "TLS"]
SoundTrack = Literal["inbound", "outbound", "both"]
StreamCodec = Literal["PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16", "default"]
StreamTrack = Literal["inbound_track", "outbound_track", "both_tracks"]
SupervisorRole = Literal["barge", "whisper", "monitor"]
TargetLegs = Literal["both", "self", "opposite"]
Track = Literal["both", "inbound", "outbound"]
Trim = Literal["trim-silence"]
WebhookMethod = Literal["POST", "GET"]

# Long lists are patterns, one line of values each.
_RINGTONES: Final = (
    "at|au|be|bg|br|ch|cl|cn|cz|de|dk|ee|es|fi|fr|gr|hu|il|in|it|jp|lt|mx|my|nl|no|nz|ph|pl|pt|ru|se|sg|th|tw|uk|"
    "us-old|us|ve|za"
)
Ringtone = Annotated[str, Meta(pattern=rf"\A(?:{_RINGTONES})\Z")]

# Telnyx answers anything but base64 with 422.
ClientState = Annotated[str, Meta(pattern=r"\A(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z")]
DisplayName = Annotated[str, Meta(pattern=r"\A[\w \-~!.+]{0,128}\Z")]  # a colon makes a dial fail with 10000
Digits = Annotated[str, Meta(pattern=r"\A[0-9A-DwW*#]{0,64}\Z")]  # w and W are pauses of 0.5 and 1 s
DtmfDigits = Annotated[str, Meta(pattern=r"\A[0-9A-DwW*#]+\Z")]
DtmfMillis = Annotated[int, Meta(ge=100, le=500)]  # for each digit
FileName = Annotated[str, Meta(min_length=1, max_length=40)]
SpokenText = Annotated[str, Meta(max_length=3000)]
StreamToken = Annotated[str, Meta(max_length=4000)]

RingSeconds = Annotated[int, Meta(ge=5, le=600)]
CallSeconds = Annotated[int, Meta(ge=30, le=14_400)]
RecordSeconds = Annotated[int, Meta(ge=0, le=43_200)]  # of the record_* family
RecordStartSeconds = Annotated[int, Meta(ge=0, le=14_400)]  # of record_start
SilenceSeconds = Annotated[int, Meta(ge=0)]
RtpSeconds = Annotated[int, Meta(ge=5, le=120)]
DetectSeconds = Annotated[int, Meta(ge=5, le=60)]
Purity = Annotated[float, Meta(ge=0, le=1)]
Octaves = Annotated[float, Meta(ge=-1, le=1)]
Pitch = Annotated[float, Meta(gt=0)]
Semitones = Annotated[float, Meta(ge=-14, le=14)]
Loops = Annotated[int, Meta(ge=1, le=100)] | Literal["infinity"]
MinDigits = Annotated[int, Meta(ge=1)]
MaxDigits = Annotated[int, Meta(le=128)]
RetryDelays = Annotated[tuple[int, ...], Meta(max_length=5)]  # milliseconds; at most 60,000 in all
