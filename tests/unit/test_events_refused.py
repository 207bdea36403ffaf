"""Webhook bodies that are refused: as no JSON, or as JSON of the wrong shape."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadInput, NotJson, WrongShape
from shared.events import PAYLOADS, read_envelope, read_payload
from tests.bodies import IDS, body
from tests.samples import SAMPLES

NOT_JSON = {
    "empty": b"",
    "spaces": b"  ",
    "truncated": body()[:-1],
    "truncated behind a wrong type": b'{"data": {"id": 5, "event_type": ',
    "trailing bytes": body() + b"x",
    "two documents": body() + body(),
    "trailing comma": body().replace(b'"session"}', b'"session",}'),
    "comment": body() + b"/* */",
    "byte order mark": b"\xef\xbb\xbf" + body(),
    "UTF-16": body().decode().encode("utf-16"),
    "NaN": body().replace(b'"leg"', b"NaN"),
    "NaN in an unknown field": b'{"x": NaN, ' + body()[1:],
    "Infinity": b'{"x": -Infinity, ' + body()[1:],
    "bad UTF-8 in a known field": body().replace(b"evt-1", b"evt\xff"),
    "bad UTF-8 in an unknown field": b'{"x": "\xff", ' + body()[1:],
    "bad UTF-8 in an unknown key": b'{"\xff": 1, ' + body()[1:],
    "overlong UTF-8": b'{"x": "\xc0\xaf", ' + body()[1:],
    "surrogate in UTF-8": b'{"x": "\xed\xa0\x80", ' + body()[1:],
    "lone surrogate escape": b'{"x": "\\ud800", ' + body()[1:],
    "raw control byte": b'{"x": "\x01", ' + body()[1:],
    "deep nesting": b"[" * 200_000 + b"]" * 200_000,
    "deep nesting in an unknown field": b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b", " + body()[1:],
    "deep nesting in the payload": body(payload={"x": 7}).replace(b"7", b"[" * 100_000 + b"]" * 100_000),
}


@pytest.mark.parametrize("sent", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_no_json_in_utf8_is_refused_as_such(sent):
    with pytest.raises(NotJson):
        read_envelope(sent)


def nested(levels: int) -> bytes:
    """An event whose payload goes so deep; three levels are around what is put in, brackets in a text are none."""
    return body(payload=IDS | {"x": 7, "y": '[{"' * 200}).replace(b"7", b"[" * (levels - 3) + b"]" * (levels - 3))


def test_what_is_nested_100_levels_deep_is_read_however_deep_the_reader_stands():
    def below(frames):
        return below(frames - 1) if frames else read_payload(read_envelope(nested(100)))

    assert below(500) == below(0)
    with pytest.raises(NotJson):
        read_envelope(nested(101))


WRONG_SHAPE = {
    "null": b"null",
    "array": b"[]",
    "number": b"5",
    "text": b'"x"',
    "no data": b"{}",
    "null data": b'{"data": null}',
    "no id": json.dumps({"data": {"event_type": "call.bridged", "payload": IDS}}).encode(),
    "number as id": body(id=5),
    "null as id": body(id=None),
    "float as id": body(id=1.0),
    "empty id": body(id=""),
    "id of 129": body(id="a" * 129),
    "id of 10 KB": body(id="a" * 10_240),
    "id with a newline at its end": body(id="evt-1\n"),
    "id with a NUL": body(id="evt\0"),
    "id with a separator": body(id="evt\u2028"),
    "id with a colon": body(id="rq:job"),
    "id with a star": body(id="*"),
    "id with a brace": body(id="{a}"),
    "id with a space": body(id="a b"),
    "id with Arabic digits": body(id="\u0661"),
    "no event_type": json.dumps({"data": {"id": "a", "payload": IDS}}).encode(),
    "number as event_type": body(event_type=5),
    "empty event_type": body(event_type=""),
    "event_type of 129": body(event_type="a" * 129),
    "event_type with a newline": body(event_type="call.bridged\n"),
    "event_type with a space": body(event_type="call bridged"),
    "event_type not ASCII": body(event_type="call.\u00e9"),
    "no payload": json.dumps({"data": {"id": "a", "event_type": "call.bridged"}}).encode(),
    "null payload": body().replace(json.dumps(IDS).encode(), b"null"),
    "array as payload": body(payload=[1]),
    "text as payload": body(payload="x"),
    "5,000-digit number as id": body(id=7).replace(b"7", b"7" * 5_000),
    "1e999 as id": body(id=7).replace(b"7", b"1e999"),
}


@pytest.mark.parametrize("sent", WRONG_SHAPE.values(), ids=WRONG_SHAPE.keys())
def test_an_envelope_of_the_wrong_shape_is_refused_as_such(sent):
    with pytest.raises(WrongShape):
        read_envelope(sent)


BAD_IDS = {
    "number": 5,
    "object": {},
    "boolean": True,
    "too long": "a" * 513,
    "NUL": "a\0",
    "newline at the end": "a\n",
    "carriage return": "a\rb",
    "escape": "\x1b[2J",
    "DEL": "a\x7f",
    "C1 control": "a\x9b",
    "line separator": "a\u2028",
}


@pytest.mark.parametrize("event_type", ["call.hangup", "call.recording.saved", "call.unheard.of"])
@pytest.mark.parametrize("name", sorted(IDS))
@pytest.mark.parametrize("value", BAD_IDS.values(), ids=BAD_IDS.keys())
def test_a_malformed_id_of_the_call_is_refused_whatever_the_event(value, name, event_type):
    with pytest.raises(WrongShape, match=name):
        read_envelope(body(event_type, IDS | {name: value}))


@pytest.mark.parametrize("missing", [None, "", "absent"])
@pytest.mark.parametrize(
    ("event_type", "name", "refused"),
    [
        *((kind, name, True) for kind in sorted(PAYLOADS) for name in ("call_leg_id", "call_session_id")),
        *((kind, "call_control_id", not kind.startswith("call.recording.")) for kind in sorted(PAYLOADS)),
        *(("call.unheard.of", name, False) for name in sorted(IDS)),
    ],
)
def test_an_id_may_be_missing_only_where_the_event_can_do_without(event_type, name, refused, missing):
    rest = {key: value for key, value in IDS.items() if key != name}
    sent = body(event_type, rest if missing == "absent" else rest | {name: missing})

    try:
        read = getattr(read_envelope(sent).ids, name)
    except WrongShape as reason:
        read = str(reason)

    assert read == (f"payload.{name} is missing" if refused else None)


def test_ids_at_their_longest_are_taken():
    longest = dict.fromkeys(IDS, "a" * 512)

    envelope = read_envelope(body("call.bridged", longest, id="a" * 128))

    assert (len(envelope.id), len(envelope.ids.call_leg_id or "")) == (128, 512)


DUPLICATES = {
    "id": body().replace(b'"id": ', b'"id": "other", "id": '),
    "id, escaped": body().replace(b'"id": ', b'"\\u0069d": "other", "id": '),
    "id, underscore escaped": body(payload=IDS | {"a": "other"}).replace(b'"a"', b'"call\\u005fleg_id"'),
    "event_type": body().replace(b'"event_type": ', b'"event_type": "x", "event_type": '),
    "payload": body().replace(b'"payload": ', b'"payload": {}, "payload": '),
    "data": body()[:-1] + b", " + body(id="other")[1:],
    **{name: body().replace(f'"{name}"'.encode(), f'"{name}": "other", "{name}"'.encode()) for name in IDS},
}


@pytest.mark.parametrize("sent", DUPLICATES.values(), ids=DUPLICATES.keys())
def test_a_key_given_twice_is_refused_where_readers_could_disagree(sent):
    with pytest.raises(WrongShape, match="stands twice"):
        read_envelope(sent)


@given(sample=st.sampled_from(sorted(SAMPLES)), at=st.integers(0, 2_000), bytes_=st.binary(max_size=6))
def test_damaged_bytes_are_read_or_refused_and_never_crash(sample, at, bytes_):
    sent = SAMPLES[sample][:at] + bytes_ + SAMPLES[sample][at + len(bytes_) :]

    try:
        read_payload(read_envelope(sent))
    except BadInput:
        return

    json.loads(sent)
