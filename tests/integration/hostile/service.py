"""Rows 49 to 51: floods, Valkey in trouble, and what else the port answers."""

from collections.abc import Iterator

from tests.integration.hostile.case import Case, accepted, refused
from tests.integration.hostile.trouble import TROUBLES
from tests.integration.hostile.wire import post
from tests.signing import OTHER_KEY, signed, webhook_body

PRIVATE = (
    b"/metrics",
    b"/console",
    b"/console/",
    b"/console/calls",
    b"/admin",
    b"/docs",
    b"/.env",
    b"/.git/config",
)
BASIC = b"authorization: Basic YWRtaW46YWRtaW4="
CALL = b'{"profile": "reminder", "to": "+13125550123", "variables": {}}'
KEY = b"idempotency-key: k"


def cases() -> Iterator[Case]:
    yield from _floods()
    yield from _troubles()
    yield from _private_pages()
    yield from _calls()


def _floods() -> Iterator[Case]:
    bad = post(b"{}", **{name.replace("-", "_"): value for name, value in signed(b"{}", key=OTHER_KEY).items()})
    flood = refused(
        49, "102 bad signatures", 401, bad * 102, answers=(401,) * 100 + (429,) * 2, source="127.0.49.1"
    )
    yield flood
    hidden = bad.replace(b"\r\n\r\n", b"\r\nx-forwarded-for: 10.0.0.1\r\nforwarded: for=10.0.0.2\r\n\r\n")
    yield flood._replace(name="under another's name", parts=(bad * 50, hidden * 52), source="127.0.49.2")
    then_good = (bad * 102 + post(webhook_body()),)
    yield flood._replace(
        name="and a good one", answers=(*flood.answers, 200), parts=then_good, jobs=1, source="127.0.49.3"
    )
    yield accepted(49, "a good one under another's name", post(webhook_body(), b"x-forwarded-for: 1.2.3.4"))


def _troubles() -> Iterator[Case]:
    for trouble in TROUBLES:
        for name, body in {"an event": webhook_body(), "what cannot be read": b"{}"}.items():
            raw = post(body, b"connection: close")
            yield refused(50, f"{name}, {trouble}", 503, raw, headers=b"\r\nretry-after: 1\r\n", trouble=trouble)


def _private_pages() -> Iterator[Case]:
    for path in PRIVATE:
        get = b"GET " + path + b" HTTP/1.1\r\nhost: x\r\n"
        yield refused(51, path.decode(), 404, get + b"\r\n")
        yield refused(51, f"{path.decode()} with a password", 404, get + BASIC + b"\r\n\r\n")
    yield refused(51, "/health tells nothing", 200, b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
    yield refused(51, "POST /health", 405, b"POST /health HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")


def _calls() -> Iterator[Case]:
    asked = {
        "no token": (401, (KEY,)),
        "a wrong token": (401, (KEY, b"authorization: Bearer a-tokem")),
        "an empty token": (401, (KEY, b"authorization: Bearer ")),
        "basic": (401, (KEY, BASIC)),
        "two tokens": (401, (KEY, b"authorization: Bearer a-token", b"authorization: Bearer a-token")),
        "a token beyond ASCII": (401, (KEY, "authorization: Bearer ä-token".encode())),
        "no key": (400, (b"authorization: Bearer a-token",)),
    }
    for name, (status, lines) in asked.items():
        yield refused(51, f"/calls with {name}", status, post(CALL, *lines, line=b"POST /calls HTTP/1.1"))
    large = post(b"x" * 70_000, KEY, b"authorization: Bearer a-token", line=b"POST /calls HTTP/1.1")
    yield refused(51, "/calls with 70 KB", 413, large)
    deep = post(b"[" * 60_000, KEY, b"authorization: Bearer a-token", line=b"POST /calls HTTP/1.1")
    yield refused(51, "/calls nested deeply", 400, deep)
    slow = post(CALL, KEY, b"authorization: Bearer a-token", line=b"POST /calls HTTP/1.1")
    yield refused(51, "/calls that never ends", 408, slow[:-1])
