"""Hostile inputs over a raw socket: each has its status, none a 500, none outlives the deadlines."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple

import pytest

from tests.signing import KEY, signed, webhook_body

PATH = "/webhooks/telnyx"
CAP = 256 * 1024


class Reply(NamedTuple):
    status: int
    head: str
    body: bytes
    seconds: float
    closed: bool


def exchange(port: int, *parts: bytes, pause_s: float = 0.0, patience_s: float = 8.0) -> Reply:
    """Send the parts and read one answer; status 0 where the server only closed."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=patience_s) as connection:
        with suppress(OSError):
            for part in parts:
                connection.sendall(part)
                time.sleep(pause_s)
        received, closed = b"", False
        while not _is_whole(received):
            try:
                piece = connection.recv(65_536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                closed = True
                break
            received = (received + piece).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        seconds = time.monotonic() - begun
        head, _, body = received.partition(b"\r\n\r\n")
        status = int(head.split(b" ")[1]) if head else 0
        return Reply(status, head.decode().lower(), body, seconds, closed or b"connection: close" in head)


def _is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end) and (not lengths or len(body) >= int(lengths[0].split(b":")[1]))


def fields(body: bytes = b"", **changed: str | None) -> dict[str, str]:
    """The head of a signed delivery with some fields changed (`_` stands for `-`) or, with None, left out."""
    head: dict[str, str | None] = {"host": "x", "content-length": str(len(body)), **signed(body)}
    head.update({name.replace("_", "-"): value for name, value in changed.items()})
    return {name: value for name, value in head.items() if value is not None}


def post(body: bytes = b"", *more: bytes, line: bytes = b"POST /webhooks/telnyx HTTP/1.1", **changed) -> bytes:
    """A signed delivery as bytes; `more` are further header lines."""
    lines = [line, *(f"{name}: {value}".encode() for name, value in fields(body, **changed).items()), *more]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", body: bytes = b"") -> bytes:
    head = post(b"", b"transfer-encoding: chunked", content_length=None, **_signature_over(body))
    return head + b"".join(chunks) + end


def _signature_over(body: bytes) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in signed(body).items()}


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


GOOD = webhook_body()
HEAD_TOO_LARGE = b"x-large: " + b"a" * 70_000
MANY_HEADERS = b"\r\n".join(b"x-%d: y" % i for i in range(5_000))

METHODS = [b"GET", b"HEAD", b"PUT", b"DELETE", b"TRACE", b"PATCH", b"OPTIONS"]
OTHER_PATHS = [
    b"/",
    b"//webhooks/telnyx",
    b"/webhooks//telnyx",
    b"/webhooks/telnyx/",
    b"/webhooks/telnyx/%2e%2e",
    b"/webhooks/telnyx/..",
    b"/Webhooks/Telnyx",
    b"/webhooks/telnyx%00",
    b"/console/",
    b"/metrics",
]

MALFORMED = {
    "no Host": (400, post(GOOD, host=None)),
    "two Hosts": (400, post(GOOD, b"host: y")),
    "HTTP/9.9": (400, post(GOOD, line=b"POST /webhooks/telnyx HTTP/9.9")),
    "HTTP/0.9": (400, b"GET /webhooks/telnyx\r\n\r\n"),
    "TLS hello": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)),
    "binary": (400, bytes(range(256)) * 4),
    "HTTP/2 preface": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "length -1": (400, post(GOOD, content_length="-1")),
    "length +7": (400, post(GOOD, content_length="+7")),
    "length 0x7": (400, post(GOOD, content_length="0x7")),
    "length 10^22": (400, post(GOOD, content_length="1" + "0" * 22)),
    "length 7, 7": (400, post(GOOD, content_length="7, 7")),
    "two equal lengths": (400, post(GOOD, f"content-length: {len(GOOD)}".encode())),
    "two lengths": (400, post(GOOD, b"content-length: 7")),
    "length and chunked": (400, post(GOOD, b"transfer-encoding: chunked")),
    "unknown coding": (400, post(GOOD, b"transfer-encoding: x", content_length=None)),
    "chunked, identity": (400, post(GOOD, b"transfer-encoding: chunked, identity", content_length=None)),
    "gzip, chunked": (400, post(GOOD, b"transfer-encoding: gzip, chunked", content_length=None)),
    "space before colon": (400, post(GOOD, b"x : y")),
    "space before colon of coding": (400, post(GOOD, b"transfer-encoding : chunked")),
    "NUL in a header": (400, post(GOOD, b"x: a\0b")),
    "bare CR in a header": (400, post(GOOD, b"x: a\rb")),
    "bad chunk size": (400, chunked(b"zz\r\nab\r\n")),
    "negative chunk size": (400, chunked(b"-1\r\nab\r\n")),
    "huge chunk size": (400, chunked(b"f" * 40 + b"\r\n")),
    "bare LF after a chunk size": (400, chunked(b"2\nab\r\n")),
    "chunk longer than its size": (400, chunked(b"2\r\nabcd\r\n")),
    "70 KB chunk extension": (400, chunked(chunk(b"ab", b";" + b"a" * 70_000))),
    "70 KB chunk extension at the end": (400, chunked(chunk(GOOD), end=b"0;" + b"a" * 70_000 + b"\r\n\r\n")),
    "trailer": (400, chunked(chunk(GOOD), end=b"0\r\nx: y\r\n\r\n", body=GOOD)),
    "signature in a trailer": (400, chunked(chunk(GOOD), end=b"0\r\ntelnyx-timestamp: 1\r\n\r\n", body=GOOD)),
    "folded header": (400, post(GOOD, b"x: a\r\n b")),
    "bare LF lines": (400, post(GOOD).replace(b"\r\n", b"\n")),
    "70 KB header": (431, post(GOOD, HEAD_TOO_LARGE)),
    "5,000 headers": (431, post(GOOD, MANY_HEADERS)),
    "endless header": (431, b"POST /webhooks/telnyx HTTP/1.1\r\nx: " + b"a" * 300_000),
    "70 KB URL": (414, post(GOOD, line=b"POST /webhooks/telnyx?" + b"a" * 70_000 + b" HTTP/1.1")),
    "Expect: bogus": (417, post(GOOD, b"expect: bogus")),
    "no length": (411, post(b"", content_length=None)),
    "length over the cap": (413, post(b"", content_length=str(CAP + 1))),
    "4 MB": (413, post(b"x" * 4_000_000)),
    "chunked over the cap": (413, chunked(*[chunk(b"x" * 60_000)] * 5)),
    "no content type": (415, post(GOOD, content_type=None)),
    "two content types": (415, post(GOOD, b"content-type: application/json")),
    "form": (415, post(GOOD, content_type="application/x-www-form-urlencoded")),
    "multipart": (415, post(GOOD, content_type="multipart/form-data; boundary=x")),
    "UTF-16": (415, post(GOOD, content_type="application/json; charset=utf-16")),
    "gzip": (415, post(GOOD, b"content-encoding: gzip")),
    "br": (415, post(GOOD, b"content-encoding: br")),
    "no signature": (401, post(GOOD, telnyx_signature_ed25519=None)),
    "no timestamp": (401, post(GOOD, telnyx_timestamp=None)),
    "two signatures": (401, post(GOOD, f"telnyx-signature-ed25519: {fields(GOOD)['telnyx-timestamp']}".encode())),
    "two timestamps": (401, post(GOOD, f"telnyx-timestamp: {fields(GOOD)['telnyx-timestamp']}".encode())),
    "signature with a high byte": (401, post(GOOD, telnyx_signature_ed25519="é" * 44)),
    "5,000 digits of timestamp": (401, post(GOOD, telnyx_timestamp="9" * 5_000)),
    "CONNECT": (400, b"CONNECT webhooks:443 HTTP/1.1\r\nhost: x\r\n\r\n"),
    "upgrade": (400, post(GOOD, b"upgrade: websocket", b"connection: upgrade")),
    "asterisk": (404, post(GOOD, line=b"POST * HTTP/1.1")),
    "path with a high byte": (400, post(GOOD, line=b"POST /webhooks/\xff HTTP/1.1")),
}

ID = '"id": "%s"'


def wire(
    payload: str = "{}", event_id: str = '"e1"', event_type: str = '"call.unheard_of"', more: str = ""
) -> bytes:
    return f'{{"data": {{"id": {event_id}, "event_type": {event_type}, "payload": {payload}{more}}}}}'.encode()


SIGNED_CONTENT = {
    "empty": (400, b""),
    "null": (422, b"null"),
    "list": (422, b"[]"),
    "number": (422, b"1"),
    "text": (422, b'"x"'),
    "truncated": (400, GOOD[:-1]),
    "trailing bytes": (400, GOOD + b"x"),
    "two documents": (400, GOOD + GOOD),
    "trailing comma": (400, GOOD[:-1] + b",}"),
    "comment": (400, b"/* */" + GOOD),
    "BOM": (400, b"\xef\xbb\xbf" + GOOD),
    "UTF-16": (400, GOOD.decode().encode("utf-16")),
    "NaN": (400, wire('{"x": NaN}')),
    "Infinity": (400, wire('{"x": Infinity}')),
    "nested deeply": (400, wire('{"x": ' + "[" * 100_000 + "]" * 100_000 + "}")),
    "nested deeply in an unknown field": (400, wire(more=', "x": ' + "[" * 100_000 + "]" * 100_000)),
    "bad UTF-8 in a known field": (400, wire(event_id='"§"').replace("§".encode(), b"\xff")),
    "bad UTF-8 in an unknown field": (400, wire('{"x": "§"}').replace("§".encode(), b"\xff")),
    "overlong UTF-8": (400, wire('{"x": "§"}').replace("§".encode(), b"\xc0\xaf")),
    "lone surrogate": (400, wire(event_id='"\\ud800"')),
    "raw control byte": (400, wire(event_id='"a\x01"')),
    "NUL in the id": (422, wire(event_id='"a\\u0000"')),
    "newline in the id": (422, wire(event_id='"a\\n"')),
    "ESC in the id": (422, wire(event_id='"\\u001b"')),
    "line separator in a call id": (422, wire('{"call_leg_id": "a\\u2028"}')),
    "id of 10 KB": (422, wire(event_id=f'"{"a" * 10_000}"')),
    "colon in the id": (422, wire(event_id='"a:b"')),
    "brace in the id": (422, wire(event_id='"a{b}"')),
    "space in the id": (422, wire(event_id='"a b"')),
    "empty id": (422, wire(event_id='""')),
    "id is a number": (422, wire(event_id="1")),
    "id is null": (422, wire(event_id="null")),
    "id twice": (422, wire(more=', "id": "e2"')),
    "event_type twice": (422, wire(more=', "event_type": "x"')),
    "call id twice": (422, wire('{"call_leg_id": "a", "call_leg_id": "b"}')),
    "event_type is a list": (422, wire(event_type="[]")),
    "payload is text": (422, wire('"x"')),
    "payload is null": (422, wire("null")),
    "data is null": (422, b'{"data": null}'),
    "no data": (422, b"{}"),
    "call id is a number": (422, wire('{"call_control_id": 1}')),
    "no call ids where they are needed": (422, wire("{}", event_type='"call.answered"')),
    "version 1 webhook": (422, b'{"event_type": "call_initiated", "payload": {}}'),
    "5,000 digits": (200, wire('{"x": ' + "9" * 5_000 + "}", '"digits"')),
    "2^64": (200, wire(f'{{"x": {2**64}}}', '"large"')),
    "1e999": (200, wire('{"x": 1e999}', '"huge"')),
    "20,000 unknown keys": (200, wire(json.dumps({f"k{i}": 1 for i in range(20_000)}), '"wide"')),
    "client_state is not base64": (200, webhook_body(client_state="{not base64}")),
    "client_state of 9 KB": (200, webhook_body(client_state="A" * 9_000)),
    "client_state is a number": (200, webhook_body(client_state=1)),
    "unknown event_type": (200, webhook_body("call.levitated")),
    "recording at file:": (
        200,
        webhook_body("call.recording.saved", recording_urls={"mp3": "file:///etc/passwd"}),
    ),
    "as large as allowed": (200, webhook_body(padding="x" * (CAP - len(webhook_body(padding=""))))),
}


@pytest.mark.parametrize("method", METHODS)
def test_another_method_is_405_and_told_which_is_allowed(web, valkey, method):
    reply = exchange(web.port, post(GOOD, line=method + b" /webhooks/telnyx HTTP/1.1"))

    assert reply.status == 405
    assert "allow: post" in reply.head


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_another_path_is_404(web, valkey, path):
    assert exchange(web.port, post(GOOD, line=b"POST " + path + b" HTTP/1.1")).status == 404


@pytest.mark.parametrize(("expected", "raw"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_request_is_refused_with_its_status_and_leaves_nothing(web, valkey, expected, raw):
    reply = exchange(web.port, raw)

    assert reply.status == expected
    assert reply.body == b"" or expected == 404
    assert not valkey.exists("trunkline:stats", "trunkline:quarantine")


@pytest.mark.parametrize(("expected", "body"), SIGNED_CONTENT.values(), ids=SIGNED_CONTENT)
def test_signed_content_is_accepted_or_kept_in_quarantine_before_it_is_refused(web, valkey, expected, body):
    reply = exchange(web.port, post(body))

    assert (reply.status, reply.body) == (expected, b"")
    assert valkey.llen("trunkline:quarantine") == (0 if expected == 200 else 1)
    assert valkey.hget("trunkline:stats", "accepted") == (b"1" if expected == 200 else None)


@pytest.mark.parametrize(
    "raw",
    [
        chunked(chunk(GOOD[:100]), chunk(GOOD[100:], b";small=extension"), body=GOOD),
        chunked(*(chunk(GOOD[i : i + 1]) for i in range(len(GOOD))), body=GOOD),
        post(GOOD, b"expect: 100-continue"),
        post(GOOD, content_type='application/json; charset="utf-8"'),
        post(GOOD, line=b"POST /webhooks/telnyx?x=y HTTP/1.1"),
        post(GOOD, line=b"POST /webhooks/telnyx HTTP/1.0", host=None),
        post(GOOD, b"x-forwarded-for: 1.2.3.4"),
        b"\r\n\r\n" + post(GOOD),
    ],
)
def test_an_unusual_but_right_request_is_accepted(web, valkey, raw):
    assert exchange(web.port, raw).status == 200


def test_requests_on_one_connection_are_answered_one_by_one(web, valkey):
    bodies = [webhook_body() for _ in range(3)]
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as connection:
        connection.sendall(b"".join(post(body) for body in bodies) + b"nonsense\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert received.count(b"HTTP/1.1 200 OK") == received.count(b"HTTP/1.1") == 3
    assert valkey.llen("rq:queue:routing") == 3


def slow(web, *parts: bytes) -> Reply:
    return exchange(web.port, *parts, pause_s=0.45)


def test_what_never_ends_is_closed_within_the_deadlines_and_hinders_nobody(web, valkey):
    head = post(GOOD)
    endless = {
        "nothing": ([b""], {0}),
        "half a head": ([head[:40]], {408}),
        "a head byte by byte": ([head[i : i + 1] for i in range(40)], {408}),
        "line ends": ([b"\r\n"] * 40, {0, 408}),
        "a body that stops": ([head[:-1]], {408}),
        "a body byte by byte": ([head[: -len(GOOD)], *(GOOD[i : i + 1] for i in range(40))], {408}),
        "a chunked body that stops": ([chunked(chunk(GOOD), end=b"")], {408}),
        "a second head": ([head, *([b"POST /"] * 2)], {200}),
    }

    with ThreadPoolExecutor(len(endless)) as threads:
        pending = {name: threads.submit(slow, web, *parts) for name, (parts, _) in endless.items()}
        meanwhile = exchange(web.port, post(webhook_body()))
        replies = {name: future.result() for name, future in pending.items()}

    assert meanwhile.status == 200
    assert meanwhile.seconds < 1
    assert {name: reply.status in endless[name][1] for name, reply in replies.items()} == dict.fromkeys(
        endless, True
    )
    assert max(reply.seconds for reply in replies.values()) < 7


def test_no_input_was_a_500_or_left_a_traceback(web):
    assert "Traceback" not in web.output
    assert '"level": "error"' not in web.output
    assert KEY.encode().hex() not in web.output
