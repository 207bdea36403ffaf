"""What a webhook's head must be, and how much of a body is read: the HTTP server itself lets more through.

The checks stand in the order in which their answers win.
"""

import re
from collections.abc import Iterable
from typing import Final

from starlette.types import Receive, Scope

from ingress.answers import Refused

MAX_HEADERS: Final = 100
MAX_HEADER_BYTES: Final = 32 * 1024
MAX_URL_BYTES: Final = 8 * 1024
MAX_WEBHOOK_BYTES: Final = 256 * 1024  # Telnyx's bodies are of 1 to 4 KB; the largest lists stay far below this

Fields = dict[bytes, list[bytes]]

_CLOSE: Final = {"connection": "close"}  # what is still to come of the body is not read
_JSON: Final = re.compile(rb'application/json[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?', re.IGNORECASE)


def check_method(scope: Scope, method: str) -> None:
    """Raises Refused with 405."""
    if scope["method"] != method:
        raise Refused(405, f"only {method} is answered here", {"allow": method, **_CLOSE})


def check_webhook_head(scope: Scope) -> Fields:
    """The header fields by name, when nothing is wrong with the head. Raises Refused."""
    check_method(scope, "POST")
    _check_sizes(scope)
    fields = by_name(scope["headers"])
    if any(value.lower() != b"100-continue" for value in fields.get(b"expect", ())):
        raise Refused(417, "unknown expectation", _CLOSE)
    _check_host(scope["http_version"], fields)
    _check_framing(fields)
    _check_content(fields)
    return fields


def by_name(headers: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The values of each header field, in their order; ASGI has the names in lower case."""
    fields: Fields = {}
    for name, value in headers:
        fields.setdefault(name, []).append(value)
    return fields


def only(fields: Fields, name: bytes) -> bytes | None:
    """The value of a field that stands once; None where it is missing or repeated."""
    values = fields.get(name, ())
    return values[0] if len(values) == 1 else None


async def read_body(receive: Receive, most: int) -> bytes:
    """The whole body. Raises Refused beyond `most` bytes; how long it may take `http_protocol.py` says."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "the connection ended within the body", _CLOSE)
        piece: bytes = message.get("body", b"")
        body += piece
        if len(body) > most:
            raise Refused(413, f"the body is over {most} bytes", _CLOSE)
        if not message.get("more_body", False):
            return body


def _check_sizes(scope: Scope) -> None:
    headers = scope["headers"]
    if len(headers) > MAX_HEADERS or sum(len(name) + len(value) + 4 for name, value in headers) > MAX_HEADER_BYTES:
        raise Refused(431, "the head is too large", _CLOSE)
    if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_URL_BYTES:
        raise Refused(414, "the URL is too long", _CLOSE)


def _check_host(http_version: str, fields: Fields) -> None:
    """RFC 9112 section 3.2: one Host, which only HTTP/1.0 may leave out. The platform checks that it is ours."""
    hosts = len(fields.get(b"host", ()))
    if hosts > 1 or (hosts == 0 and http_version == "1.1"):
        raise Refused(400, "not exactly one Host", _CLOSE)


def _check_framing(fields: Fields) -> None:
    """RFC 9112 section 6.3: where the message ends must be beyond doubt."""
    codings, lengths = fields.get(b"transfer-encoding", []), fields.get(b"content-length", [])
    if codings:
        if lengths or len(codings) > 1 or codings[0].lower() != b"chunked":
            raise Refused(400, "malformed framing", _CLOSE)
        return
    if not lengths:
        raise Refused(411, "neither Content-Length nor chunked", _CLOSE)
    if len(lengths) > 1 or not lengths[0].isdigit():
        raise Refused(400, "malformed framing", _CLOSE)
    if len(lengths[0]) > 18 or int(lengths[0]) > MAX_WEBHOOK_BYTES:
        raise Refused(413, "the body is too large", _CLOSE)


def _check_content(fields: Fields) -> None:
    content_type = only(fields, b"content-type")
    if content_type is None or not _JSON.fullmatch(content_type):
        raise Refused(415, "only application/json in UTF-8", _CLOSE)
    if any(value.lower() != b"identity" for value in fields.get(b"content-encoding", ())):
        raise Refused(415, "no content encoding", _CLOSE)
