"""Requests that were right before something happened to their bytes: flips, cuts, splices, odd lines and sizes."""

import re
from collections.abc import Callable
from random import Random
from typing import Final

from tests.integration.hostile.wire import chunk, chunked, post
from tests.signing import webhook_body

ODD_LINES: Final = (
    *(b"transfer-encoding: chunked", b"transfer-encoding: identity", b"content-length: 5", b"content-length: 0"),
    *(b"host: y", b"expect: 100-continue", b"expect: x", b"connection: close", b"connection: upgrade"),
    *(b"upgrade: h2c", b"content-encoding: gzip", b"content-type: text/plain", b"trailer: x", b"te: trailers"),
    *(b" folded", b"no colon", b": no name", b"x:", b"x: " + b"a" * 9_000, b"telnyx-timestamp: 1"),
    *(b"x\0: y", b"\xff: \xff"),
)
ODD_LINE_STARTS: Final = (
    *(b"GET /webhooks/telnyx HTTP/1.1", b"POST /calls HTTP/1.1", b"GET /ready HTTP/1.1", b"GET /health HTTP/1.0"),
    *(b"POST http://x/webhooks/telnyx HTTP/1.1", b"POST http://[ HTTP/1.1", b"POST //x HTTP/1.1"),
    *(b"POST ?x HTTP/1.1", b"CONNECT x:1 HTTP/1.1", b"OPTIONS * HTTP/1.1", b"POST /%ff%00%2e HTTP/1.1"),
    *(b"POST /webhooks/telnyx HTTP/0.9", b"POST /webhooks/telnyx#x HTTP/1.1", b"HEAD /health HTTP/1.1"),
    *(b"DELETE /webhooks/telnyx HTTP/1.1", b"PRI * HTTP/2.0"),
)
ODD_SIZES: Final = (
    *(b"0", b"300000", b"-1", b"+1", b"0x1", b"g", b"", b" 1", b"1 ", b"f" * 17, b"00000001"),
    *(b"1;x", b"1;" + b"x" * 5_000),
)

Mutation = Callable[[Random, bytes], bytes]


def mutated(random: Random) -> bytes:
    """A request, or what is left of it. Half of the bodies were already odd when they were signed."""
    body = webhook_body()
    if random.random() < 0.5:
        body = random.choice((_flip, _cut, _repeat))(random, body)
    cuts = sorted(random.randrange(len(body) + 1) for _ in range(3)) if random.random() < 0.4 else []
    if cuts:
        pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True) if a < b]
        raw = chunked(*map(chunk, pieces), signed_as=body)
    else:
        raw = post(body)
    for _ in range(random.choice((0, 1, 1, 1, 2, 4))):
        raw = random.choice(MUTATIONS)(random, raw)
    return raw


def _flip(random: Random, raw: bytes) -> bytes:
    flipped = bytearray(raw)
    for _ in range(random.choice((1, 1, 3))):
        if flipped:
            flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
    return bytes(flipped)


def _cut(random: Random, raw: bytes) -> bytes:
    at = random.randrange(len(raw) + 1)
    return raw[:at] + raw[at + random.choice((1, 2, 20, 1_000)) :]


def _repeat(random: Random, raw: bytes) -> bytes:
    """Some of it again, anywhere."""
    a, to = random.randrange(len(raw) + 1), random.randrange(len(raw) + 1)
    return raw[:to] + raw[a : a + random.choice((1, 2, 20, 1_000))] + raw[to:]


def _splice(random: Random, raw: bytes) -> bytes:
    """Its beginning, and the end of another delivery."""
    other = post(webhook_body())
    return raw[: random.randrange(len(raw) + 1)] + other[random.randrange(len(other)) :]


def _control(random: Random, raw: bytes) -> bytes:
    at = random.randrange(len(raw) + 1)
    return (
        raw[:at]
        + random.choice((b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b" ", b"\t", b"\xff", b":"))
        + raw[at:]
    )


def _line(random: Random, raw: bytes) -> bytes:
    """Another header line somewhere in the head."""
    lines = raw.split(b"\r\n")
    end = lines.index(b"") if b"" in lines else len(lines)
    lines.insert(random.randint(min(1, end), end), random.choice(ODD_LINES))
    return b"\r\n".join(lines)


def _without_a_line(random: Random, raw: bytes) -> bytes:
    lines = raw.split(b"\r\n")
    del lines[random.randrange(min(len(lines), 8))]
    return b"\r\n".join(lines)


def _other_request_line(random: Random, raw: bytes) -> bytes:
    return random.choice(ODD_LINE_STARTS) + b"\r\n" + raw.partition(b"\r\n")[2]


def _size(random: Random, raw: bytes) -> bytes:
    """Another length: of the body, or of a chunk."""
    sizes = list(re.finditer(rb"(?<=\r\n)[0-9a-f]{1,3}(?=\r\n)|(?<=content-length: )\d+", raw))
    if not sizes:
        return raw
    chosen = random.choice(sizes)
    return raw[: chosen.start()] + random.choice(ODD_SIZES) + raw[chosen.end() :]


MUTATIONS: Final[tuple[Mutation, ...]] = (
    *(_flip, _cut, _repeat, _splice, _control),
    *(_line, _without_a_line, _other_request_line, _size),
)
