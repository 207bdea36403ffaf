"""Rows 1 to 4, 6 to 8 and 14 to 20: methods, paths, versions and heads. Row 5 is the platform router's."""

from collections.abc import Iterator

from tests.integration.hostile.case import Case, accepted, refused
from tests.integration.hostile.wire import LINE, post
from tests.signing import webhook_body

HEAD_TOO_LARGE = b"x-large: " + b"a" * 70_000
MANY_HEADERS = b"\r\n".join(b"x-%d: y" % i for i in range(5_000))

METHODS = (b"GET", b"HEAD", b"PUT", b"DELETE", b"TRACE", b"PATCH", b"OPTIONS", b"PROPFIND")
OTHER_PATHS = (
    b"/",
    b"//webhooks/telnyx",
    b"/webhooks//telnyx",
    b"/webhooks/telnyx/",
    b"/webhooks/telnyx/%2e%2e",
    b"/webhooks/telnyx/..",
    b"/%2e%2e/webhooks/telnyx",
    b"/Webhooks/Telnyx",
    b"/WEBHOOKS/TELNYX",
    b"/webhooks/telnyx%00",
    b"/webhooks/telnyx%20",
    b"/webhooks/telnyx;x",
    b"/webhooks%2ftelnyx/",
    b"*",
)


def cases() -> Iterator[Case]:
    yield from _methods()
    yield from _paths()
    yield from _hosts()
    yield from _versions()
    yield from _lines()
    yield from _sizes()
    yield from _expectations()


def _methods() -> Iterator[Case]:
    good = webhook_body()
    for method in METHODS:
        raw = post(good, line=method + b" /webhooks/telnyx HTTP/1.1")
        yield refused(1, method.decode(), 405, raw, headers=b"\r\nallow: post\r\n")
    yield refused(1, "a method in small letters", 400, post(good, line=b"post /webhooks/telnyx HTTP/1.1"))
    yield refused(1, "an invented method", 400, post(good, line=b"LEVITATE /webhooks/telnyx HTTP/1.1"))
    yield refused(1, "CONNECT", 400, b"CONNECT webhooks:443 HTTP/1.1\r\nhost: x\r\n\r\n")


def _paths() -> Iterator[Case]:
    good = webhook_body()
    for path in OTHER_PATHS:
        yield refused(2, path.decode(), 404, post(good, line=b"POST " + path + b" HTTP/1.1"))
    yield refused(2, "a byte beyond ASCII", 400, post(good, line=b"POST /webhooks/\xff HTTP/1.1"))
    yield accepted(2, "a query", post(webhook_body(), line=b"POST /webhooks/telnyx?x=y HTTP/1.1"))


def _hosts() -> Iterator[Case]:
    good = webhook_body()
    yield refused(3, "no Host", 400, post(good, host=None))
    yield accepted(3, "no Host in 1.0", post(webhook_body(), line=b"POST /webhooks/telnyx HTTP/1.0", host=None))
    yield refused(4, "two Hosts", 400, post(good, b"host: y"))
    yield refused(4, "the same Host twice", 400, post(good, b"Host: x"))


def _versions() -> Iterator[Case]:
    good = webhook_body()
    for version in (b"HTTP/9.9", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/1", b"HTTQ/1.1", b"HTTP/-1.1"):
        yield refused(6, version.decode(), 400, post(good, line=b"POST /webhooks/telnyx " + version))
    yield refused(7, "HTTP/0.9", 400, b"GET /webhooks/telnyx\r\n\r\n")
    yield refused(7, "TLS hello", 400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200))
    yield refused(7, "every byte", 400, bytes(range(256)) * 4)
    yield refused(7, "NULs", 400, bytes(10_000))
    yield refused(8, "HTTP/2 preface", 400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    yield refused(8, "HTTP/2 preface and settings", 400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")


def _lines() -> Iterator[Case]:
    good = webhook_body()
    yield refused(14, "folded header", 400, post(good, b"x: a\r\n b"))
    yield refused(14, "first header folded", 400, post(good, line=LINE + b"\r\n x: a"))
    yield refused(15, "bare LF lines", 400, post(good).replace(b"\r\n", b"\n"))
    yield refused(15, "bare LF after the request line", 400, post(good).replace(b"\r\n", b"\n", 1))
    yield refused(15, "bare CR lines", 400, post(good).replace(b"\r\n", b"\r"))
    yield accepted(15, "an empty line ahead", b"\r\n\r\n" + post(webhook_body()))


def _sizes() -> Iterator[Case]:
    good = webhook_body()
    yield refused(16, "70 KB header", 431, post(good, HEAD_TOO_LARGE))
    yield refused(16, "70 KB name of a header", 431, post(good, b"a" * 70_000 + b": x"))
    yield refused(16, "endless header", 431, LINE + b"\r\nx: " + b"a" * 300_000)
    yield refused(16, "33 KB in all", 431, post(good, *(b"x: " + b"a" * 1_000 for _ in range(33))))
    yield accepted(16, "31 KB in all", post(webhook_body(), *(b"x: " + b"a" * 1_000 for _ in range(31))))
    yield refused(17, "5,000 headers", 431, post(good, MANY_HEADERS))
    yield refused(17, "101 headers", 431, post(good, *(b"x: y" for _ in range(96))))
    yield accepted(17, "100 headers", post(webhook_body(), *(b"x: y" for _ in range(95))))
    yield refused(18, "70 KB URL", 414, post(good, line=b"POST /webhooks/telnyx?" + b"a" * 70_000 + b" HTTP/1.1"))
    yield refused(18, "9 KB URL", 414, post(good, line=b"POST /webhooks/telnyx?" + b"a" * 9_000 + b" HTTP/1.1"))
    yield refused(18, "endless URL", 414, b"POST /" + b"a" * 300_000)


def _expectations() -> Iterator[Case]:
    good = webhook_body()
    yield refused(19, "Expect: bogus", 417, post(good, b"expect: bogus"))
    yield refused(19, "Expect: nothing", 417, post(good, b"expect:"))
    yield refused(19, "Expect: 100-continue and bogus", 417, post(good, b"expect: 100-continue", b"expect: bogus"))
    yield accepted(19, "Expect: 100-continue", post(webhook_body(), b"expect: 100-continue"))
    for protocol in (b"websocket", b"h2c", b"TLS/1.0"):
        raw = post(good, b"upgrade: " + protocol, b"connection: upgrade")
        yield refused(20, f"upgrade to {protocol.decode()}", 400, raw)
    yield accepted(20, "upgrade that the connection does not name", post(webhook_body(), b"upgrade: websocket"))
