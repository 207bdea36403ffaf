"""What several command bodies share, each adding to the one before: ids, streams, recording, headers, webhooks.

A msgspec struct has one line of bases, so bridge and transfer read the stream's fields too; they do nothing there.
"""

import base64
import binascii
from typing import Literal

from msgspec import Struct

from simulator.parameters.objects import CustomHeader, Opaque, SipHeader, SoundModifications, WebhookRetries
from simulator.parameters.values import (
    AnswerRecordS,
    AudioFormat,
    Channels,
    FileName,
    Legs,
    Method,
    NotNegative,
    StreamTrack,
    Token,
    Track,
    Trim,
)
from simulator.refusals import invalid, out_of_range

Codec = Literal["PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16"]
_RETRIES_MS = 60_000


class Body(Struct, kw_only=True, frozen=True, rename={"from_": "from"}):
    """What every command may carry. `check` holds what no type can say."""

    command_id: str | None = None
    client_state: str | None = None

    def check(self) -> None:
        """Raises Refusal."""
        check_base64("client_state", self.client_state)


class Streamed(Body, kw_only=True, frozen=True):
    """A command that may start a stream of the call's sound."""

    dialogflow_config: Opaque | None = None
    enable_dialogflow: bool = False
    stream_auth_token: Token | None = None
    stream_bidirectional_codec: Codec | None = None
    stream_bidirectional_mode: Literal["mp3", "rtp"] | None = None
    stream_bidirectional_sampling_rate: Literal[8000, 16000, 22050, 24000, 48000] | None = None
    stream_bidirectional_target_legs: Legs | None = None
    stream_codec: Codec | Literal["default"] | None = None
    stream_track: StreamTrack = "inbound_track"
    stream_url: str | None = None


class Recordable(Streamed, kw_only=True, frozen=True):
    """A command that may start a recording."""

    record: Literal["record-from-answer"] | None = None
    record_channels: Channels = "dual"
    record_custom_file_name: FileName | None = None
    record_format: AudioFormat = "mp3"
    record_max_length: AnswerRecordS = 0
    record_timeout_secs: NotNegative = 0
    record_track: Track = "both"
    record_trim: Trim | None = None


class LegSettings(Recordable, kw_only=True, frozen=True):
    """The headers and sound of a leg, and where its webhooks go: checked, and not acted on."""

    custom_headers: list[CustomHeader] = []
    preferred_codecs: str | None = None
    sip_headers: list[SipHeader] = []
    sound_modifications: SoundModifications | None = None
    webhook_retries_policies: dict[str, WebhookRetries] = {}
    webhook_url: str | None = None
    webhook_url_method: Method = "POST"
    webhook_urls: dict[str, str | list[str]] = {}
    webhook_urls_method: Method = "POST"

    def check(self) -> None:
        super().check()
        for policy in self.webhook_retries_policies.values():
            if sum(policy.retries_ms) > _RETRIES_MS:
                raise out_of_range("The retries of one event take at most 60000 ms.", "/webhook_retries_policies")


def check_base64(name: str, value: str | None) -> None:
    """Raises Refusal."""
    if value is None:
        return
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(f"{name} must be base64.", f"/{name}") from None
