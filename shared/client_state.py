"""What every leg of ours carries through Telnyx: which call it belongs to and which command made it.

Telnyx echoes `client_state` in every webhook of the leg and logs it, so it holds no personal data. To us it is a
hint and no more: it names the record to look at, and the record alone says what is true.
"""

import base64
import binascii
from typing import Final

import msgspec

from shared.ids import CallId, Row

VERSION: Final = 1


class Tag(msgspec.Struct, frozen=True):
    """`row` is the command that made the leg; `plan` the hash of the dialplan that its call began with."""

    v: int
    call: CallId
    row: Row
    plan: str


_decode = msgspec.json.Decoder(Tag).decode


def write(call: CallId, row: Row, plan: str) -> str:
    """The base64 text that Telnyx wants (anything else is a 422)."""
    return base64.b64encode(msgspec.json.encode(Tag(VERSION, call, row, plan))).decode("ascii")


def read(text: str | None) -> Tag | None:
    """The tag, or None for no state, another application's state, or a version we do not know."""
    if not text:
        return None
    try:
        tag = _decode(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        return None
    return tag if tag.v == VERSION else None
