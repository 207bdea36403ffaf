"""Webhooks for tests: a valid body in one line, signed as Telnyx signs (Telnyx docs: receiving-webhooks)."""

import base64
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from nacl.signing import SigningKey, VerifyKey

from ingress.signature import BadSignature, verify

KEY: Final = SigningKey(b"trunkline tests: the signing key")
OTHER_KEY: Final = SigningKey(b"trunkline tests: a different key")
GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493  # of Ed25519 (RFC 8032)


def public_key(key: SigningKey = KEY) -> str:
    """As TELNYX_PUBLIC_KEY wants it."""
    return base64.b64encode(bytes(key.verify_key)).decode()


def webhook_body(event_type: str = "call.initiated", event_id: str | None = None, **payload: Any) -> bytes:
    """A fresh event about a leg of its own; `payload` adds to its payload, or overrides it."""
    ids = {
        "call_control_id": f"v3:{uuid4().hex}",
        "call_leg_id": str(uuid4()),
        "call_session_id": str(uuid4()),
        "connection_id": "2900000000000000001",
    }
    data = {
        "record_type": "event",
        "event_type": event_type,
        "id": event_id or str(uuid4()),
        "occurred_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "payload": {**ids, **payload},
    }
    return json.dumps({"data": data, "meta": {"attempt": 1}}).encode()


def event_id_of(body: bytes) -> str:
    return str(json.loads(body)["data"]["id"])


def signature(body: bytes, timestamp: str, key: SigningKey = KEY) -> str:
    return base64.b64encode(key.sign(timestamp.encode() + b"|" + body).signature).decode()


def signed(body: bytes, timestamp: str | None = None, key: SigningKey = KEY) -> dict[str, str]:
    """The headers of a delivery; `timestamp` is now unless told."""
    timestamp = timestamp or str(int(time.time()))
    return {
        "content-type": "application/json",
        "telnyx-timestamp": timestamp,
        "telnyx-signature-ed25519": signature(body, timestamp, key),
    }


def malleated(raw: bytes) -> bytes:
    """The same point with S + L in the place of S: lax verifiers take that signature as well."""
    s = int.from_bytes(raw[32:], "little") + GROUP_ORDER
    return raw[:32] + s.to_bytes(32, "little")


def is_good(
    keys: Sequence[VerifyKey], timestamp: bytes | None, sig: bytes | None, body: bytes, now: float
) -> bool:
    """Whether we take it for Telnyx's own."""
    try:
        verify(keys, timestamp, sig, body, now)
    except BadSignature:
        return False
    return True
