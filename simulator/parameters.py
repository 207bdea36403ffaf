"""The command bodies the stand-in understands, and their checks; other documented fields pass unread.

Ranges and enums: Telnyx docs, api-reference/call-commands. Where a body is wrong the error points at the field.
"""

import base64
import binascii
import re
from typing import Annotated, Literal

import msgspec

from simulator.refusals import Refusal, bad_destination, invalid, missing

Seconds = Annotated[int, msgspec.Meta(ge=5, le=600)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=3000)]
Detection = Literal[
    "disabled",
    "detect",
    "detect_beep",
    "detect_words",
    "greeting_end",
    "premium",
    "premium_ios_call_screening_detection",
]
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_SIP_URI = re.compile(r"sips?:[^\s@]+@[^\s@]+")


class Body(msgspec.Struct, kw_only=True, frozen=True, rename={"from_": "from"}):
    """What every command may carry; alone it is the body of `hangup`."""

    command_id: str | None = None
    client_state: str | None = None


class Recordable(Body, kw_only=True, frozen=True):
    """A command that may start a recording; alone it is the body of `answer`."""

    record: Literal["record-from-answer"] | None = None
    record_format: Literal["wav", "mp3"] = "mp3"
    record_channels: Literal["single", "dual"] = "dual"
    record_max_length: Annotated[int, msgspec.Meta(ge=0, le=43200)] = 0


class DetectionConfig(msgspec.Struct, frozen=True):
    greeting_duration_millis: int = 30_000


class NewLeg(Recordable, kw_only=True, frozen=True):
    """What dial and transfer share."""

    to: str
    timeout_secs: Seconds = 30
    answering_machine_detection: Detection = "disabled"
    answering_machine_detection_config: DetectionConfig = DetectionConfig()


class Dial(NewLeg, kw_only=True, frozen=True):
    connection_id: str
    from_: str
    link_to: str | None = None
    retry_on_timeout: bool = True


class Transfer(NewLeg, kw_only=True, frozen=True):
    from_: str | None = None
    target_leg_client_state: str | None = None


class Bridge(Recordable, kw_only=True, frozen=True):
    """Bridging to a queue or a video room is not simulated: the other leg is compulsory."""

    call_control_id: str


class Reject(Body, kw_only=True, frozen=True):
    cause: Literal["CALL_REJECTED", "NOT_FOUND", "TEMPORARILY_UNAVAILABLE", "USER_BUSY"]


class Speak(Body, kw_only=True, frozen=True):
    payload: Text
    voice: str


class PlaybackStart(Body, kw_only=True, frozen=True):
    audio_url: str | None = None
    media_name: str | None = None


class PlaybackStop(Body, kw_only=True, frozen=True):
    stop: Literal["all", "current"] = "all"


class RecordStart(Body, kw_only=True, frozen=True):
    format: Literal["wav", "mp3"]
    channels: Literal["single", "dual"]
    max_length: Annotated[int, msgspec.Meta(ge=0, le=14400)] = 0


class RecordStop(Body, kw_only=True, frozen=True):
    recording_id: str | None = None


class ClientStateUpdate(Body, kw_only=True, frozen=True):
    client_state: str


_DECODERS: dict[str, msgspec.json.Decoder[Body]] = {
    verb: msgspec.json.Decoder(body)
    for verb, body in {
        "dial": Dial,
        "answer": Recordable,
        "bridge": Bridge,
        "client_state_update": ClientStateUpdate,
        "hangup": Body,
        "playback_start": PlaybackStart,
        "playback_stop": PlaybackStop,
        "record_start": RecordStart,
        "record_stop": RecordStop,
        "reject": Reject,
        "speak": Speak,
        "transfer": Transfer,
    }.items()
}
VERBS = frozenset(_DECODERS)
"""Every command the stand-in performs; another one is a 404."""


def read_body(verb: str, raw: bytes) -> Body:
    """The checked body of a known verb (an empty body is `{}`). Raises Refusal."""
    try:
        body = _DECODERS[verb].decode(raw or b"{}")
    except msgspec.ValidationError as error:
        raise _bad_field(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise invalid("The request body is not valid JSON.", status=400) from None
    _check_client_states(body)
    if isinstance(body, NewLeg) and not (_E164.fullmatch(body.to) or _SIP_URI.fullmatch(body.to)):
        raise bad_destination("/to")
    if isinstance(body, PlaybackStart) and (body.audio_url is None) == (body.media_name is None):
        raise missing("/audio_url")
    return body


def _check_client_states(body: Body) -> None:
    for name in ("client_state", "target_leg_client_state"):
        value = getattr(body, name, None)
        if value is None:
            continue
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise invalid(f"{name} must be base64.", f"/{name}") from None


def _bad_field(message: str) -> Refusal:
    """msgspec tells field and path in its message: `Expected `int` >= 5 - at `$.timeout_secs``."""
    absent = re.search(r"missing required field `([^`]+)`", message)
    if absent is not None:
        return missing(f"/{absent[1]}")
    path = re.search(r"at `\$\.?([^`]*)`", message)
    return invalid(message, "/" + path[1].replace(".", "/") if path else None)
