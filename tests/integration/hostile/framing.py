"""Rows 9 to 13 and 21 to 25: where a message ends, how large it is, and how long it may take."""

from collections.abc import Iterator

from tests.integration.hostile.case import Case, accepted, refused
from tests.integration.hostile.wire import CAP, LINE, chunk, chunked, post
from tests.signing import webhook_body

TRICKLE_S = 0.45


def cases() -> Iterator[Case]:
    yield from _lengths_and_codings()
    yield from _chunks()
    yield from _slow_heads()
    yield from _slow_bodies()
    yield from _sizes()


def _lengths_and_codings() -> Iterator[Case]:
    good = webhook_body()
    lengths = ("-1", "+7", "0x7", "1" + "0" * 22, "7 7", "", "7.0", "\u0667")
    for length in lengths:
        yield refused(9, f"Content-Length {length!r}", 400, post(good, content_length=length))
    yield refused(9, "two lengths", 400, post(good, b"content-length: 7"))
    yield refused(9, "the same length twice", 400, post(good, f"content-length: {len(good)}".encode()))
    yield refused(10, "length 7, 7", 400, post(good, content_length="7, 7"))
    yield refused(
        10, "the right length twice in one line", 400, post(good, content_length=f"{len(good)},{len(good)}")
    )
    yield refused(11, "length and chunked", 400, post(good, b"transfer-encoding: chunked"))
    yield refused(
        11,
        "chunked and length",
        400,
        chunked(chunk(good)).replace(b"\r\n\r\n", b"\r\nContent-Length: 7\r\n\r\n", 1),
    )
    smuggled = chunked(end=b"0\r\n\r\n" + post(good)).replace(b"host: x", b"host: x\r\ncontent-length: 5", 1)
    yield refused(11, "a request behind the length", 400, smuggled)
    for coding in ("x", "chunked, identity", "gzip, chunked", "chunked, chunked", "xchunked", "chunked;q=1", ""):
        raw = post(good, f"transfer-encoding: {coding}".encode(), content_length=None)
        yield refused(12, f"coding {coding!r}", 400, raw)
    two = post(good, b"transfer-encoding: chunked", b"transfer-encoding: identity", content_length=None)
    yield refused(12, "two codings", 400, two)
    yield refused(12, "space before a colon", 400, post(good, b"x : y"))
    yield refused(12, "space before the colon of a coding", 400, post(good, b"transfer-encoding : chunked"))
    yield refused(12, "NUL in a header", 400, post(good, b"x: a\0b"))
    yield refused(12, "bare CR in a header", 400, post(good, b"x: a\rb"))
    yield refused(12, "a header without a name", 400, post(good, b": y"))
    yield refused(12, "a header without a colon", 400, post(good, b"xy"))


def _chunks() -> Iterator[Case]:
    good = webhook_body()
    endless = b";" + b"a" * 70_000
    malformed = {
        "size zz": b"zz\r\nab\r\n",
        "size -1": b"-1\r\nab\r\n",
        "size 0x2": b"0x2\r\nab\r\n",
        "size +2": b"+2\r\nab\r\n",
        "no size": b"\r\nab\r\n",
        "size of 40 digits": b"f" * 40 + b"\r\n",
        "size that overflows": b"10000000000000002\r\nab\r\n",
        "bare LF after a size": b"2\nab\r\n",
        "bare LF after a chunk": b"2\r\nab\n",
        "longer than its size": b"2\r\nabcd\r\n",
        "70 KB extension": chunk(b"ab", endless),
        "extensions without content": chunk(b"a", b";" + b"a" * 6_000) * 2 + b"1" + endless,
    }
    for name, raw in malformed.items():
        yield refused(13, name, 400, chunked(raw))
    ends = {
        "70 KB extension at the end": b"0" + endless + b"\r\n\r\n",
        "trailer": b"0\r\nx: y\r\n\r\n",
        "signature in a trailer": b"0\r\ntelnyx-timestamp: 1\r\n\r\n",
    }
    for name, end in ends.items():
        yield refused(13, name, 400, chunked(chunk(good), end=end, signed_as=good))
    extended, single = webhook_body(), webhook_body()
    two = (chunk(extended[:100]), chunk(extended[100:], b";small=extension"))
    yield accepted(13, "a small extension", chunked(*two, signed_as=extended))
    bytewise = (chunk(single[i : i + 1]) for i in range(len(single)))
    yield accepted(13, "one byte a chunk", chunked(*bytewise, signed_as=single))


def _slow_heads() -> Iterator[Case]:
    head = post(webhook_body())
    late = Case(21, "", (408,), (), pause_s=TRICKLE_S)
    yield late._replace(name="nothing", answers=(), parts=(b"",))
    yield late._replace(name="line ends", answers=(), parts=(b"\r\n",) * 40)
    yield late._replace(name="half a head", parts=(head[:40],))
    yield late._replace(name="a head byte by byte", parts=tuple(head[i : i + 1] for i in range(40)))
    yield late._replace(name="a header a time", parts=(LINE + b"\r\n", *(b"x: y\r\n",) * 40))
    second = (head, b"POST /", *(b"a",) * 40)
    yield late._replace(name="a second head", answers=(200, 408), parts=second, jobs=1)
    bodies = [webhook_body() for _ in range(3)]
    ahead = b"".join(post(body) for body in bodies) + b"nonsense\r\n\r\n"
    yield Case(21, "nonsense behind three events", (200, 200, 200), (ahead,), jobs=3)


def _slow_bodies() -> Iterator[Case]:
    good = webhook_body()
    head = post(good)[: -len(good)]
    late = Case(22, "", (408,), (), pause_s=TRICKLE_S)
    yield late._replace(name="no body", parts=(head,))
    yield late._replace(name="all but one byte", parts=(head, good[:-1]))
    yield late._replace(name="byte by byte", parts=(head, *(good[i : i + 1] for i in range(40))))
    yield late._replace(name="chunks that stop", parts=(chunked(chunk(good), end=b""),))
    trickle = chunked(end=b"", signed_as=good)
    yield late._replace(name="a chunk a time", parts=(trickle, *(chunk(b"a"),) * 40))
    yield late._replace(name="an extension that grows", parts=(trickle, b"1;", *(b"a" * 9,) * 40))
    yield late._replace(
        name="continue, and nothing comes", parts=(post(good, b"expect: 100-continue")[: -len(good)],)
    )
    elsewhere = head.replace(b"/telnyx", b"/other")
    yield late._replace(name="to another path", answers=(404, 408), parts=(elsewhere, *(b"a",) * 40))


def _sizes() -> Iterator[Case]:
    fits = webhook_body(padding="x" * (CAP - len(webhook_body(padding=""))))
    yield refused(23, "declared a byte over the cap", 413, post(b"", content_length=str(CAP + 1)))
    yield refused(23, "declared 10^17", 413, post(b"", content_length="1" + "0" * 17))
    yield refused(23, "4 MB", 413, post(b"x" * 4_000_000))
    yield accepted(23, "as large as allowed", post(fits))
    other = fits.replace(b"-", b"0", 1)
    yield refused(24, "5 chunks of 60 KB", 413, chunked(*[chunk(b"x" * 60_000)] * 5))
    yield refused(24, "4 MB in a chunk", 413, chunked(chunk(b"x" * 4_000_000)))
    yield refused(24, "chunked, a byte over the cap", 413, chunked(chunk(other), chunk(b" ")))
    largest = webhook_body(padding="x" * (CAP - len(webhook_body(padding=""))))
    yield accepted(24, "chunked, as large as allowed", chunked(chunk(largest), signed_as=largest))
    yield refused(25, "no length and no body", 411, post(b"", content_length=None))
    yield refused(
        25, "no length in 1.0", 411, post(b"", content_length=None, line=b"POST /webhooks/telnyx HTTP/1.0")
    )
