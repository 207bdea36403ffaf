"""Whether a webhook was signed by Telnyx: pure, so that it can be checked against any corpus of signatures.

Telnyx docs: receiving-webhooks. Signed is the text of the timestamp header, one bar, and the body as received.
"""

import binascii
import re
from collections.abc import Sequence
from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from shared.errors import BadInput

TOLERANCE_S: Final = 300  # the tolerance of Telnyx's own SDK, past and future alike

_TIMESTAMP: Final = re.compile(rb"[0-9]{10}")  # int() alone would take 1_700, Arabic digits, signs and spaces
_SIGNATURE_LENGTH: Final = 88  # base64 of 64 bytes


class BadSignature(BadInput):
    """Missing, malformed, stale or wrong: which of them is nobody's business outside."""


def keys_of(public_keys: Sequence[bytes]) -> tuple[VerifyKey, ...]:
    """The keys in the form that `verify` wants; more than one while they are being rotated."""
    return tuple(VerifyKey(key) for key in public_keys)


def verify(
    keys: Sequence[VerifyKey],
    timestamp_header: bytes | None,
    signature_header: bytes | None,
    body: bytes,
    now: float,
) -> None:
    """Return when one of the keys signed this body within 300 s of `now` (Unix seconds). Raises BadSignature."""
    if timestamp_header is None or signature_header is None:
        raise BadSignature("a signature header is missing or repeated")
    if not _TIMESTAMP.fullmatch(timestamp_header) or abs(now - int(timestamp_header)) > TOLERANCE_S:
        raise BadSignature("the timestamp is malformed or stale")
    signature = _decode(signature_header)
    message = timestamp_header + b"|" + body
    for key in keys:
        try:
            key.verify(message, signature)
        except BadSignatureError:
            continue
        return
    raise BadSignature("none of our keys made this signature")


def _decode(header: bytes) -> bytes:
    """Strict base64: b64decode alone skips what is not of its alphabet, and no decoder minds the last 4 bits."""
    if len(header) != _SIGNATURE_LENGTH:
        raise BadSignature("the signature has the wrong length")
    try:
        signature = binascii.a2b_base64(header, strict_mode=True)
    except ValueError:
        raise BadSignature("the signature is not base64") from None
    if len(signature) != 64 or binascii.b2a_base64(signature, newline=False) != header:
        raise BadSignature("the signature is not of 64 bytes, or spelled in another way than theirs")
    return signature
