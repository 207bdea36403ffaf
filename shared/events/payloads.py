"""What each kind of webhook tells, field by field.

No key is guaranteed by Telnyx (Telnyx docs: voice-api-webhooks), so everything is optional and `None` covers both
absent and null. Enums stay plain text, because new values arrive unannounced; the values seen so far stand beside.
One file, though a long one: a dictionary of the wire, in which one looks things up and which nobody reads through.
"""

from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import Meta, Struct, field

Time = Annotated[datetime, Meta(tz=True)]


class Header(Struct, frozen=True):
    """A SIP header of the leg; `User-to-User` and `Diversion` come apart, as sip_headers."""

    name: str | None = None
    value: str | None = None


class _Leg(Struct, frozen=True):
    """What names the leg that a webhook is about."""

    call_control_id: str | None = None
    call_leg_id: str | None = None
    call_session_id: str | None = None
    client_state: str | None = None
    connection_id: str | None = None


class _Parties(_Leg, frozen=True):
    """A leg with its two ends, as E.164 numbers or SIP URIs."""

    from_: str | None = field(name="from", default=None)
    to: str | None = None


class CallInitiated(_Parties, frozen=True):
    """`call.initiated`: a leg exists; an inbound one is parked until it is commanded."""

    direction: str | None = None  # incoming, outgoing
    state: str | None = None  # parked, bridging
    start_time: Time | None = None
    caller_id_name: str | None = None
    calling_party_type: str | None = None  # pstn, sip
    from_sip_uri: str | None = None
    to_sip_uri: str | None = None
    shaken_stir_attestation: str | None = None  # A, B, C where the application asks for it
    shaken_stir_validated: bool | None = None
    call_screening_result: str | None = None
    connection_codecs: str | None = None
    offered_codecs: str | None = None
    custom_headers: tuple[Header, ...] | None = None
    sip_headers: tuple[Header, ...] | None = None
    tags: tuple[str, ...] | None = None


class CallAnswered(_Parties, frozen=True):
    """`call.answered`: media flows; from here on the leg takes any command."""

    state: str | None = None  # answered
    start_time: Time | None = None
    calling_party_type: str | None = None
    custom_headers: tuple[Header, ...] | None = None
    sip_headers: tuple[Header, ...] | None = None
    tags: tuple[str, ...] | None = None


class CallBridged(_Parties, frozen=True):
    """`call.bridged`: sent once per leg, without naming the other one."""


class InboundQuality(Struct, frozen=True):
    """What the caller's audio was like; Telnyx sends these numbers as text."""

    jitter_max_variance: str | None = None
    jitter_packet_count: str | None = None
    mos: str | None = None
    packet_count: str | None = None
    skip_packet_count: str | None = None


class OutboundQuality(Struct, frozen=True):
    """What was sent to the leg; numbers as text, as above."""

    packet_count: str | None = None
    skip_packet_count: str | None = None


class CallQuality(Struct, frozen=True):
    """Media figures of an ended leg; absent where no media flowed."""

    inbound: InboundQuality | None = None
    outbound: OutboundQuality | None = None


class CallHungUp(_Parties, frozen=True):
    """`call.hangup`: the leg is over, whoever ended it."""

    # call_rejected, normal_clearing, originator_cancel, timeout, time_limit, user_busy, not_found, no_answer, …
    hangup_cause: str | None = None
    hangup_source: str | None = None  # caller, callee, unknown
    sip_hangup_cause: str | None = None  # a SIP status as text, or "unspecified"
    state: str | None = None  # hangup
    start_time: Time | None = None
    end_time: Time | None = None
    call_quality_stats: CallQuality | None = None
    telnyx_error: dict[str, Any] | None = None
    custom_headers: tuple[Header, ...] | None = None
    sip_headers: tuple[Header, ...] | None = None
    tags: tuple[str, ...] | None = None


class SpeakStarted(_Leg, frozen=True):
    """`call.speak.started`."""


class SpeakEnded(_Leg, frozen=True):
    """`call.speak.ended`: the text was spoken, or cut short."""

    status: str | None = None  # completed, call_hangup, cancelled_amd


class PlaybackStarted(_Leg, frozen=True):
    """`call.playback.started`."""

    media_name: str | None = None
    media_url: str | None = None
    overlay: bool | None = None


class PlaybackEnded(_Leg, frozen=True):
    """`call.playback.ended`: the file was played, cut short, or could not be had."""

    status: str | None = None  # completed, call_hangup, cancelled, cancelled_amd, file_not_found, failed, unknown
    status_detail: str | None = None
    media_name: str | None = None
    media_url: str | None = None
    overlay: bool | None = None


class GatherEnded(_Parties, frozen=True):
    """`call.gather.ended`: the digits pressed, or why there are none."""

    digits: str | None = None
    status: str | None = None  # valid, invalid, call_hangup, cancelled, cancelled_amd, timeout


class MachineDetectionEnded(_Parties, frozen=True):
    """`call.machine.detection.ended`: the verdict of the standard modes.

    Telnyx docs: answering-machine-detection.
    """

    result: str | None = None  # human, machine, not_sure


class MachineGreetingEnded(_Parties, frozen=True):
    """`call.machine.greeting.ended`: the machine's greeting is over."""

    result: str | None = None  # beep_detected, ended, not_sure


class PremiumDetectionStarted(_Parties, frozen=True):
    """`call.machine.premium.detection.started`."""


class PremiumDetectionEnded(_Parties, frozen=True):
    """`call.machine.premium.detection.ended`: never comes when the beep is heard before the verdict."""

    result: str | None = None  # human_residence, human_business, machine, silence, fax_detected, not_sure


class PremiumGreetingEnded(_Parties, frozen=True):
    """`call.machine.premium.greeting.ended`: may come without a verdict before it."""

    result: str | None = None  # beep_detected, no_beep_detected, prompt_ended


class CallScreeningDetected(_Parties, frozen=True):
    """`call.machine.premium.call_screening.detected`: a phone screens the call; detection begins anew."""

    result: str | None = None  # screening


class RecordingUrls(Struct, frozen=True):
    """Presigned links by format, valid for 10 minutes; custom storage gives a `gs://` name instead."""

    mp3: str | None = None
    wav: str | None = None


class RecordingSaved(_Leg, frozen=True):
    """`call.recording.saved`: the file can be fetched; often later than the hangup, without from and to."""

    recording_id: str | None = None
    recording_urls: RecordingUrls | None = None
    public_recording_urls: RecordingUrls | None = None  # empty unless the account has asked for it
    format: str | None = None  # wav, mp3
    channels: str | None = None  # single, dual
    recording_started_at: Time | None = None
    recording_ended_at: Time | None = None
    start_time: Time | None = None
    end_time: Time | None = None
    occurred_at: Time | None = None
    calling_party_type: str | None = None
    flow_destination: str | None = None


class RecordingFailed(_Leg, frozen=True):
    """`call.recording.error`: Telnyx could not store the file."""

    reason: str | None = None


class StreamingStarted(_Leg, frozen=True):
    """`streaming.started` (no `call.` prefix on the wire)."""

    stream_id: str | None = None
    stream_url: str | None = None


class StreamingStopped(_Leg, frozen=True):
    """`streaming.stopped`."""

    stream_id: str | None = None
    stream_url: str | None = None


class StreamParams(Struct, frozen=True):
    """Where a failed stream should have gone."""

    stream_url: str | None = None
    track: str | None = None  # inbound_track, outbound_track, both_tracks


class StreamingFailed(_Leg, frozen=True):
    """`streaming.failed`: no audio reaches our socket."""

    failure_reason: str | None = None
    stream_id: str | None = None
    stream_params: StreamParams | None = None
    stream_type: str | None = None  # websocket, dialogflow


class Other(Struct, frozen=True):
    """An event that we give no type: kept raw in its envelope, and changes nothing."""

    event_type: str


Payload = (
    CallInitiated
    | CallAnswered
    | CallBridged
    | CallHungUp
    | SpeakStarted
    | SpeakEnded
    | PlaybackStarted
    | PlaybackEnded
    | GatherEnded
    | MachineDetectionEnded
    | MachineGreetingEnded
    | PremiumDetectionStarted
    | PremiumDetectionEnded
    | PremiumGreetingEnded
    | CallScreeningDetected
    | RecordingSaved
    | RecordingFailed
    | StreamingStarted
    | StreamingStopped
    | StreamingFailed
    | Other
)

PAYLOADS: Final[dict[str, type[Payload]]] = {
    "call.initiated": CallInitiated,
    "call.answered": CallAnswered,
    "call.bridged": CallBridged,
    "call.hangup": CallHungUp,
    "call.speak.started": SpeakStarted,
    "call.speak.ended": SpeakEnded,
    "call.playback.started": PlaybackStarted,
    "call.playback.ended": PlaybackEnded,
    "call.gather.ended": GatherEnded,
    "call.machine.detection.ended": MachineDetectionEnded,
    "call.machine.greeting.ended": MachineGreetingEnded,
    "call.machine.premium.detection.started": PremiumDetectionStarted,
    "call.machine.premium.detection.ended": PremiumDetectionEnded,
    "call.machine.premium.greeting.ended": PremiumGreetingEnded,
    "call.machine.premium.call_screening.detected": CallScreeningDetected,
    "call.recording.saved": RecordingSaved,
    "call.recording.error": RecordingFailed,
    "streaming.started": StreamingStarted,
    "streaming.stopped": StreamingStopped,
    "streaming.failed": StreamingFailed,
}
