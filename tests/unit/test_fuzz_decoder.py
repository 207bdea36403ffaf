"""Whatever bytes come, the decoder reads them or refuses them as no JSON or as the wrong shape, and never crashes.

`--hypothesis-profile long` looks 50 times as long.
"""

import json
from contextlib import suppress

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingress.answers import Refused
from ingress.place_call import _read
from shared import queues
from shared.enqueue import entry_of
from shared.errors import NotJson, WrongShape
from shared.events import PAYLOADS, read_envelope, read_payload
from tests.samples import SAMPLES

BODIES = list(SAMPLES.values())
ODD = [
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"\0", b" ", b"/", b"-"),
    *(b"\xef\xbb\xbf", b"\xff", b"\xc0\xaf"),
    *(b"null", b"true", b"NaN", b"-Infinity", b"0", b"-0", b"01", b"1e999", b"-1e-999", b"1.0", b"9" * 5_000),
    *(b'""', b'"\\ud800"', b'"\\u0000"', b'"\\u0069d"', b'"a\\u2028"', b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    *("\u0660\u202e\ufeff\U0001f4de".encode(), b'"0001-01-01T00:00:00+14:00"', b'"9999-12-31T23:59:59-14:00"'),
    *(b'"data":', b'"id":', b'"event_type":', b'"payload":', b'"call_leg_id":', b'"meta":'),
    *(b'{"a":' * 300, b"[" * 2_000),
]
MANY = settings(max_examples=3 * settings.default.max_examples)

piece = st.sampled_from(ODD) | st.binary(max_size=8)
value = st.one_of(
    st.sampled_from(ODD),
    st.integers().map(lambda number: b"%d" % number),
    st.text(max_size=20).map(lambda text: json.dumps(text).encode()),
    st.text(max_size=20).map(lambda text: json.dumps(text, ensure_ascii=False).encode(errors="surrogatepass")),
    st.floats().map(lambda number: json.dumps(number).encode()),
    st.integers(1, 5_000).map(lambda depth: b"[" * depth + b"]" * depth),
)


@st.composite
def damaged(draw):
    """A real webhook with up to eight cuts, each with something else or another part of it in its place."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(body)))
        end = start + draw(st.sampled_from([0, 1, 2, 10, 200]))
        copied = draw(st.integers(0, len(body)))
        inside = draw(piece | st.just(body[copied : copied + 60]))
        body = body[:start] + inside + body[end:]
    return body


@st.composite
def shaped(draw):
    """The outline of a webhook with odd values in some of its places, and in some fields of its payload."""
    kind = draw(st.sampled_from(sorted(PAYLOADS)))
    sane = {
        "id": b'"e1"',
        "event_type": json.dumps(kind).encode(),
        "occurred_at": b'"2026-11-20T15:04:05Z"',
        "call_control_id": b'"x"',
        "call_leg_id": b'"y"',
        "call_session_id": b'"z"',
        "meta": b'{"attempt": 1}',
    }
    is_odd = draw(st.sets(st.sampled_from([*sane, "payload"]), max_size=2))
    found = {name: draw(value) if name in is_odd else usual for name, usual in sane.items()}
    ids = {name: found.pop(name) for name in ("call_control_id", "call_leg_id", "call_session_id")}
    meta = found.pop("meta")
    others = sorted({"client_state", *PAYLOADS[kind].__struct_encode_fields__} - ids.keys())
    payload = _members(ids | draw(st.dictionaries(st.sampled_from(others), value, max_size=4)))
    data = _members(found | {"payload": draw(value) if "payload" in is_odd else payload})
    return b'{"data": %s, "meta": %s}' % (data, meta)


def _members(fields):
    return b"{%s}" % b", ".join(b'"%s": %s' % (name.encode(), inside) for name, inside in fields.items())


def check(body):
    try:
        envelope = read_envelope(body)
    except (NotJson, WrongShape):
        return
    payload = read_payload(envelope)
    entry = entry_of(envelope, 0.0, body)

    with suppress(RecursionError):  # it may take less depth than ours
        json.loads(body, parse_int=str)  # another parser takes it for JSON as well
    assert type(payload) is PAYLOADS.get(envelope.event_type, type(payload))
    assert queues.read_job_data(entry.data)[1].body == body


@MANY
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    check(body)


@MANY
@given(st.lists(piece, max_size=12).map(b"".join))
def test_pieces_of_json_in_any_order_are_read_or_refused(body):
    check(body)


@MANY
@given(damaged())
def test_real_webhooks_that_are_damaged_are_read_or_refused(body):
    check(body)


@MANY
@given(shaped())
def test_a_webhook_with_an_odd_value_in_any_place_is_read_or_refused(body):
    check(body)


@given(st.integers(1, 100_000), st.sampled_from([b"[", b'{"a":']), st.sampled_from([b"", b"1"]), st.booleans())
@example(depth=100_000, opening=b"[", inside=b"1", closed=True)
def test_nesting_of_any_depth_is_read_or_refused(depth, opening, inside, closed):
    closing = b"]" if opening == b"[" else b"}"
    nested = opening * depth + inside + closing * (depth if closed else 0)

    check(nested)
    check(BODIES[0].replace(b'"payload"', b'"x": ' + nested + b', "payload"'))
    check(BODIES[0].replace(b'"payload": {', b'"payload": {"x": ' + nested + b", "))


@MANY
@given(st.lists(piece, max_size=12).map(b"".join) | damaged() | st.binary())
def test_the_body_of_a_call_is_read_or_refused_with_400(body):
    statuses = set()
    try:
        _read(body)
    except Refused as refused:
        statuses.add(refused.status)

    assert statuses <= {400}
