"""Deliveries as bytes on the wire: signed and right, except for what a case changes."""

from typing import Final

from tests.signing import signed

CAP: Final = 256 * 1024  # bytes of body that are taken
LINE: Final = b"POST /webhooks/telnyx HTTP/1.1"


def post(body: bytes = b"", *more: bytes, line: bytes = LINE, **changed: str | None) -> bytes:
    """A signed delivery. `more` are further header lines; a field is changed or, with None, left out.

    In a field's name `_` stands for `-`; its value is text in UTF-8.
    """
    fields: dict[str, str | None] = {"host": "x", "content-length": str(len(body)), **signed(body)}
    fields.update({name.replace("_", "-"): value for name, value in changed.items()})
    kept = [f"{name}: {value}".encode() for name, value in fields.items() if value is not None]
    return b"\r\n".join([line, *kept, *more]) + b"\r\n\r\n" + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", signed_as: bytes = b"", line: bytes = LINE) -> bytes:
    """A delivery in chunks, with a signature over `signed_as`."""
    signature = {name.replace("-", "_"): value for name, value in signed(signed_as).items()}
    head = post(b"", b"transfer-encoding: chunked", line=line, content_length=None, **signature)
    return head + b"".join(chunks) + end


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)
