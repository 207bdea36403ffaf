"""Bodies of the commands that begin, join and end legs."""

import re
from typing import Annotated, Any, Literal

from msgspec import Meta

from simulator.parameters.bodies import Body, LegSettings, Recordable, check_base64
from simulator.parameters.objects import (
    Conference,
    CustomHeader,
    DeepfakeDetection,
    DetectionConfig,
    Opaque,
    Transcription,
)
from simulator.parameters.values import CallS, Detection, MuteDtmf, Park, RingS, Ringtone
from simulator.refusals import bad_characters, bad_destination, invalid, missing

Destinations = str | Annotated[list[str], Meta(min_length=1)]
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_SIP_URI = re.compile(r"sips?:[^\s@]+@[^\s@]+")
_DISPLAY_NAME = re.compile(r"[A-Za-z0-9 \-_~!.+]{1,128}")
_DIGITS = re.compile(r"[0-9A-DwW*#]{1,64}")


class NewLeg(LegSettings, kw_only=True, frozen=True):
    """What dial and transfer share; each says for itself what `to` may be."""

    to: Any
    answering_machine_detection: Detection = "disabled"
    answering_machine_detection_config: DetectionConfig = DetectionConfig()
    audio_url: str | None = None
    diversion: str | None = None
    from_display_name: str | None = None
    media_encryption: Literal["disabled", "SRTP", "DTLS"] = "disabled"
    media_name: str | None = None
    park_after_unbridge: Park | None = None
    privacy: Literal["id", "none"] | None = None
    route_to_mobile: bool = False
    send_digits_on_answer: str | None = None
    sip_auth_password: str | None = None
    sip_auth_username: str | None = None
    sip_region: Literal["US", "Europe", "Canada", "Australia", "Middle East"] = "US"
    sip_transport_protocol: Literal["UDP", "TCP", "TLS"] = "UDP"
    time_limit_secs: CallS = 14400
    timeout_secs: RingS = 30

    @property
    def destinations(self) -> list[str]:
        return [self.to] if isinstance(self.to, str) else list(self.to)

    def check(self) -> None:
        super().check()
        if not all(_E164.fullmatch(one) or _SIP_URI.fullmatch(one) for one in self.destinations):
            raise bad_destination("/to")
        if self.audio_url is not None and self.media_name is not None:
            raise invalid("media_name and audio_url cannot be used together.", "/media_name")
        if self.from_display_name is not None and not _DISPLAY_NAME.fullmatch(self.from_display_name):
            raise bad_characters("/from_display_name")
        if self.send_digits_on_answer is not None and not _DIGITS.fullmatch(self.send_digits_on_answer):
            raise invalid("Digits are 0-9, A-D, w, W, * and #.", "/send_digits_on_answer")


class Dial(NewLeg, kw_only=True, frozen=True):
    to: Destinations
    connection_id: str
    from_: str
    assistant: Opaque | None = None
    billing_group_id: str | None = None
    bridge_intent: bool = False
    bridge_on_answer: bool = False
    conference_config: Conference | None = None
    conversation_relay_config: Opaque | None = None
    deepfake_detection: DeepfakeDetection | None = None
    link_to: str | None = None
    prevent_double_bridge: bool = False
    retry_on_timeout: bool = True
    send_silence_when_idle: bool = False
    stream_establish_before_call_originate: bool = False
    supervise_call_control_id: str | None = None
    supervisor_role: Literal["barge", "whisper", "monitor"] | None = None
    transcription: bool = False
    transcription_config: Transcription | None = None

    def check(self) -> None:
        super().check()
        # Each of the three makes link_to mandatory (Telnyx docs: call-commands/dial).
        linked = self.bridge_intent or self.bridge_on_answer or self.park_after_unbridge is not None
        if linked and self.link_to is None:
            raise missing("/link_to")


class Transfer(NewLeg, kw_only=True, frozen=True):
    to: str
    early_media: bool = True
    from_: str | None = None
    mute_dtmf: MuteDtmf = "none"
    target_leg_client_state: str | None = None

    def check(self) -> None:
        super().check()
        check_base64("target_leg_client_state", self.target_leg_client_state)


class Answer(LegSettings, kw_only=True, frozen=True):
    assistant: Opaque | None = None
    billing_group_id: str | None = None
    conversation_relay_config: Opaque | None = None
    deepfake_detection: DeepfakeDetection | None = None
    send_silence_when_idle: bool = False
    transcription: bool = False
    transcription_config: Transcription | None = None


class Bridge(Recordable, kw_only=True, frozen=True):
    """With another leg, or with a queue or a video room, of which the stand-in has none."""

    call_control_id: str | None = None
    hold_after_unbridge: bool = False
    mute_dtmf: MuteDtmf = "none"
    park_after_unbridge: Park | None = None
    play_ringtone: bool = False
    prevent_double_bridge: bool = False
    queue: str | None = None
    ringtone: Ringtone | None = None
    video_room_context: str | None = None
    video_room_id: str | None = None

    def check(self) -> None:
        super().check()
        others = [name for name in ("queue", "video_room_id") if getattr(self, name) is not None]
        if self.call_control_id is None and not others:
            raise missing("/call_control_id")
        if len(others) + (self.call_control_id is not None) > 1:
            raise invalid("call_control_id, queue and video_room_id exclude each other.", f"/{others[0]}")
        if others:
            raise invalid("There is no such queue or room with a call in it.", f"/{others[0]}")


class Hangup(Body, kw_only=True, frozen=True):
    custom_headers: tuple[CustomHeader, ...] = ()
    reason: str | None = None


class Reject(Body, kw_only=True, frozen=True):
    cause: Literal["CALL_REJECTED", "NOT_FOUND", "TEMPORARILY_UNAVAILABLE", "USER_BUSY"]


class ClientStateUpdate(Body, kw_only=True, frozen=True):
    client_state: str
