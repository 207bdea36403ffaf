"""Rows 26 to 33: content types, encodings, and every way not to be signed by Telnyx."""

import base64
import time
from collections.abc import Iterator

from tests.integration.hostile.case import Case, accepted, refused
from tests.integration.hostile.wire import post
from tests.signing import OTHER_KEY, malleated, signature, webhook_body


def cases() -> Iterator[Case]:
    yield from _types()
    yield from _malformed_signatures()
    yield from _wrong_signatures()
    yield from _times()


def _types() -> Iterator[Case]:
    good = webhook_body()
    types = (
        None,
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/json",
        "application/jsonx",
        "application/json, text/plain",
        "application/json; charset=utf-8; x=y",
    )
    for kind in types:
        yield refused(26, f"type {kind}", 415, post(good, content_type=kind))
    yield refused(26, "two types", 415, post(good, b"content-type: application/json"))
    quoted = post(webhook_body(), content_type='application/json; charset="utf-8"')
    yield accepted(26, "charset in quotes", quoted)
    yield accepted(26, "in capitals", post(webhook_body(), content_type="Application/JSON;charset=UTF-8"))
    for encoding in (b"gzip", b"br", b"deflate", b"identity, gzip", b"", b"x"):
        raw = post(good, b"content-encoding: " + encoding)
        yield refused(27, f"encoding {encoding.decode()!r}", 415, raw)
    for charset in ("utf-16", "latin-1", "utf-7"):
        yield refused(27, charset, 415, post(good, content_type=f"application/json; charset={charset}"))
    yield accepted(27, "identity", post(webhook_body(), b"content-encoding: identity"))


def _malformed_signatures() -> Iterator[Case]:
    body, now = webhook_body(), str(int(time.time()))
    good = signature(body, now)
    raw = base64.b64decode(good)
    yield refused(28, "no signature", 401, post(body, telnyx_signature_ed25519=None))
    yield refused(28, "no timestamp", 401, post(body, telnyx_timestamp=None))
    yield refused(28, "neither", 401, post(body, telnyx_timestamp=None, telnyx_signature_ed25519=None))
    yield refused(28, "two signatures", 401, post(body, f"telnyx-signature-ed25519: {good}".encode()))
    yield refused(28, "two timestamps", 401, post(body, f"telnyx-timestamp: {now}".encode()))
    malformed = {
        (29, "empty"): "",
        (29, "not base64"): "not base64",
        (29, "a high byte"): "é" * 44,
        (29, "a space inside"): good[:40] + " " + good[41:],
        (29, "a star inside"): good[:40] + "*" + good[41:],
        (29, "a tab inside"): good[:40] + "\t" + good[41:],
        (29, "quoted"): f'"{good}"',
        (29, "url-safe"): base64.urlsafe_b64encode(b"\xff" * 64).decode(),
        (29, "without padding"): good[:-2],
        (29, "only padding"): "=" * 88,
        (29, "bits beyond its end"): good[:-3] + chr(ord(good[-3]) + 1) + "==",
        (29, "hex"): raw.hex(),
        (29, "30 KB"): "A" * 30_000,
        (30, "63 bytes"): base64.b64encode(raw[:63]).decode(),
        (30, "65 bytes"): base64.b64encode(raw + b"\0").decode(),
        (30, "all zero"): base64.b64encode(bytes(64)).decode(),
        (30, "S + L"): base64.b64encode(malleated(raw)).decode(),
    }
    for (row, name), value in malformed.items():
        yield refused(row, name, 401, post(body, telnyx_timestamp=now, telnyx_signature_ed25519=value))


def _wrong_signatures() -> Iterator[Case]:
    body, now = webhook_body(), str(int(time.time()))
    good = signature(body, now)
    wrong = {
        "another key": (body, signature(body, now, OTHER_KEY)),
        "one bit of the body": (bytes([body[0] ^ 1]) + body[1:], good),
        "written anew": (body.replace(b": ", b":"), good),
        "one byte more": (body + b" ", good),
        "body without its time": (body, base64.b64encode(OTHER_KEY.sign(body).signature).decode()),
        "another time": (body, signature(body, str(int(now) - 1))),
        "empty body": (b"", good),
    }
    for name, (sent, value) in wrong.items():
        yield refused(31, name, 401, post(sent, telnyx_timestamp=now, telnyx_signature_ed25519=value))
    version_1 = b'{"event_type": "call_initiated", "payload": {}}'
    yield refused(31, "version 1, unsigned", 401, post(version_1, telnyx_signature_ed25519=None))


def _times() -> Iterator[Case]:
    now = int(time.time())
    digits = str(now)
    malformed = {
        "underscore": digits[:1] + "_" + digits[2:],
        "Arabic digits": "".join(chr(ord("\u0660") + int(digit)) for digit in digits),
        "plus": f"+{digits}",
        "minus": f"-{digits}",
        "float": f"{digits}.0",
        "exponent": "18e8",
        "hex": hex(now),
        "milliseconds": f"{digits}000",
        "5,000 digits": "9" * 5_000,
        "a space inside": f"{digits[:5]} {digits[5:]}",
        "empty": "",
        "an ISO date": "2026-11-26T08:00:00Z",
        "zero": "0000000000",
    }
    for name, stamp in malformed.items():
        yield _at(32, f"{name}, signed", stamp, 401)
    for off_by in (-290, 290):
        yield _at(33, f"{off_by} s", str(now + off_by), 200)
    for off_by in (-320, 320, -86_400, 86_400):
        yield _at(33, f"{off_by} s", str(now + off_by), 401)


def _at(row: int, name: str, stamp: str, status: int) -> Case:
    body = webhook_body()
    raw = post(body, telnyx_timestamp=stamp, telnyx_signature_ed25519=signature(body, stamp))
    return Case(row, name, (status,), (raw,), jobs=int(status == 200))
