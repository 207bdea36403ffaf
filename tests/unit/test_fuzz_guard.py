"""Whatever a head or a body is, the guard lets it pass or refuses it; and only Telnyx's own signature is good."""

import asyncio
import base64
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingress.answers import Refused
from ingress.guard import check_webhook_head, read_body
from ingress.signature import keys_of
from tests.signing import KEY, is_good, signature

MANY = settings(max_examples=3 * settings.default.max_examples)
ANSWERS = {200, 400, 405, 411, 413, 414, 415, 417, 431}

NOW = 1_800_000_000.0
STAMP = b"1800000000"
BODY = b'{"data": {"id": "e1"}}'
GOOD = signature(BODY, STAMP.decode()).encode()
KEYS = keys_of([bytes(KEY.verify_key)])

NAMES = (b"host", b"content-length", b"transfer-encoding", b"content-type", b"content-encoding", b"expect", b"x")
VALUES = (
    *(b"2", b"-1", b"262145", b"9" * 5_000, b"chunked", b"application/json", b"identity", b"100-continue"),
    b"\xff",
)
header = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.binary(max_size=20))
right = [(b"host", b"x"), (b"content-length", b"2"), (b"content-type", b"application/json")]
message = st.one_of(
    st.just({"type": "http.disconnect"}),
    st.fixed_dictionaries(
        {"type": st.just("http.request")}, optional={"body": st.binary(max_size=9), "more_body": st.booleans()}
    ),
)


@st.composite
def scopes(draw):
    return {
        "method": draw(st.just("POST") | st.text(max_size=8)),
        "raw_path": draw(st.binary(max_size=20) | st.integers(0, 9_000).map(lambda size: b"/" * size)),
        "query_string": draw(st.binary(max_size=20)),
        "http_version": draw(st.sampled_from(["1.0", "1.1", "2"])),
        "headers": draw(st.permutations(right + draw(st.lists(header, max_size=4))))
        * draw(st.sampled_from([1, 30])),
    }


@MANY
@given(scopes())
def test_any_head_passes_or_is_refused(scope):
    status, fields = 200, {}
    try:
        fields = check_webhook_head(scope)
    except Refused as refused:
        status = refused.status

    assert status in ANSWERS
    if status == 200:
        assert len(fields[b"content-type"]) == 1
        assert len(fields.get(b"content-length", [])) + len(fields.get(b"transfer-encoding", [])) == 1


@MANY
@given(st.lists(message, max_size=6), st.integers(0, 30))
def test_any_body_is_read_whole_or_refused(messages, most):
    left = iter([*messages, {"type": "http.disconnect"}])

    async def receive():
        return next(left)

    status, body = 200, b""
    try:
        body = asyncio.run(read_body(receive, most))
    except Refused as refused:
        status = refused.status

    assert status in {200, 400, 413}
    assert len(body) <= most
    assert b"".join(part.get("body", b"") for part in messages).startswith(body)


@st.composite
def damaged(draw, whole):
    """Some bytes of it replaced, left out or added; or all of it."""
    start = draw(st.integers(0, len(whole)))
    end = start + draw(st.integers(0, 3))
    return draw(st.just(whole[:start] + draw(st.binary(max_size=3)) + whole[end:]) | st.binary(max_size=100))


def one_letter_changed(whole):
    letters = b"ABCDwxyz0189+/=-_ \n"
    at = st.integers(1, len(whole))
    return st.builds(lambda i, new: whole[: i - 1] + bytes([letters[new]]) + whole[i:], at, st.integers(0, 18))


@MANY
@given(
    st.none() | st.just(STAMP) | damaged(STAMP),
    st.none()
    | st.just(GOOD)
    | one_letter_changed(GOOD)
    | damaged(GOOD)
    | st.binary(min_size=64, max_size=64).map(base64.b64encode),
    st.just(BODY) | damaged(BODY),
)
@example(stamp=STAMP, sig=GOOD[:-3] + bytes([GOOD[-3] + 1]) + b"==", body=BODY)  # decodes to the same 64 bytes
def test_only_the_signature_that_was_made_is_good_in_the_one_spelling_it_has(stamp, sig, body):
    assert is_good(KEYS, stamp, sig, body, NOW) is ((stamp, sig, body) == (STAMP, GOOD, BODY))


@MANY
@given(st.binary(max_size=30) | st.integers(0, 10**10).map(lambda number: b"%010d" % number), st.data())
def test_a_time_beyond_300_seconds_is_bad_whoever_signed_it(stamp, data):
    near = st.integers(-400, 400).map(lambda off: float(int(stamp) + off)) if stamp.isdigit() else st.nothing()
    now = data.draw(near | st.floats(allow_nan=False))
    sig = base64.b64encode(KEY.sign(stamp + b"|" + BODY).signature)

    good = is_good(KEYS, stamp, sig, BODY, now)

    assert good is (re.fullmatch(rb"[0-9]{10}", stamp) is not None and abs(now - int(stamp)) <= 300)
