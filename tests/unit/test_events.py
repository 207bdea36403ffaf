"""Webhook bodies: what is read, what is refused as no JSON, what as the wrong shape, and what is let through."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import BadInput, NotJson, WrongShape
from shared.events import (
    PAYLOADS,
    CallAnswered,
    CallBridged,
    CallHungUp,
    CallIds,
    CallInitiated,
    Header,
    MachineDetectionEnded,
    MachineGreetingEnded,
    Other,
    PremiumDetectionEnded,
    PremiumGreetingEnded,
    RecordingSaved,
    RecordingUrls,
    StreamingFailed,
    StreamingStarted,
    StreamingStopped,
    read_envelope,
    read_payload,
)
from tests.samples import SAMPLES

IDS = {"call_control_id": "v3:a", "call_leg_id": "leg", "call_session_id": "session"}
TYPES = {
    "call.initiated": CallInitiated,
    "call.answered": CallAnswered,
    "call.bridged": CallBridged,
    "call.hangup": CallHungUp,
    "call.machine.detection.ended": MachineDetectionEnded,
    "call.machine.greeting.ended": MachineGreetingEnded,
    "call.machine.premium.detection.ended": PremiumDetectionEnded,
    "call.machine.premium.greeting.ended": PremiumGreetingEnded,
    "call.recording.saved": RecordingSaved,
    "streaming.started": StreamingStarted,
    "streaming.stopped": StreamingStopped,
    "streaming.failed": StreamingFailed,
}


def body(event_type: str = "call.bridged", payload: object = None, **data: object) -> bytes:
    """A valid webhook, with the given fields of `data` replaced."""
    envelope = {"id": "evt-1", "event_type": event_type, "payload": IDS if payload is None else payload}
    return json.dumps({"data": envelope | data}).encode()


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in IDS.items() if key != name}


@pytest.mark.parametrize("event_type", sorted(TYPES))
def test_a_sample_body_has_its_type_and_loses_no_field(event_type):
    sent = json.loads(SAMPLES[event_type])["data"]["payload"]

    payload = read_payload(read_envelope(SAMPLES[event_type]))

    assert type(payload) is TYPES[event_type]
    assert _known(msgspec.to_builtins(payload), sent) == sent


def _known(read: object, sent: object) -> object:
    """What was read, in the shape of what was sent: absent keys are gone, times compare as instants."""
    if isinstance(sent, dict) and isinstance(read, dict):
        return {key: _known(read.get(key), value) for key, value in sent.items()}
    if isinstance(sent, list) and isinstance(read, list | tuple):
        return [_known(*pair) for pair in zip(read, sent, strict=True)]
    if isinstance(sent, str) and isinstance(read, str) and sent != read and read.endswith("Z"):
        same = datetime.fromisoformat(read) == datetime.fromisoformat(sent)
        return sent if same else read
    return read


def test_the_envelope_tells_id_time_call_and_attempt():
    envelope = read_envelope(SAMPLES["call.hangup"])

    assert envelope.id == "00000000-0000-4000-8000-000000000004"
    assert envelope.event_type == "call.hangup"
    assert envelope.occurred_at == datetime(2026, 11, 20, 15, 6, 41, 731904, tzinfo=UTC)
    assert envelope.attempt == 2
    assert envelope.delivered_to == json.loads(SAMPLES["call.hangup"])["meta"]["delivered_to"]
    assert envelope.record_type == "event"
    assert envelope.ids == CallIds(
        call_control_id="v3:FakeCallControlIdA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9",
        call_leg_id="5a0c2f10-b7d1-11f1-9c01-02420a1f0001",
        call_session_id="5a0c3a8c-b7d1-11f1-8a11-02420a1f0001",
        connection_id="2900000000000000001",
        client_state="eyJqb2IiOiJkZW1vLTEiLCJ2IjoxfQ==",
    )


def test_nested_objects_are_typed():
    saved = read_payload(read_envelope(SAMPLES["call.recording.saved"]))
    initiated = read_payload(read_envelope(SAMPLES["call.initiated"]))

    assert isinstance(saved, RecordingSaved)
    assert isinstance(saved.recording_urls, RecordingUrls)
    assert isinstance(initiated, CallInitiated)
    assert initiated.sip_headers == (Header("Diversion", "<sip:+12025550199@example.com>;reason=no-answer"),)


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
    sent = body(event_type, without(name) if missing == "absent" else IDS | {name: missing})

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


def test_the_same_key_in_another_object_is_no_duplicate():
    nested = {"party": {"id": "1", "call_leg_id": "x"}, "more": [{"id": "2"}]}

    envelope = read_envelope(body("call.bridged", IDS | nested))

    assert envelope.ids.call_leg_id == "leg"


@pytest.mark.parametrize(
    ("state", "read"),
    [
        ("not base64", "not base64"),
        ("x" * 10_000, "x" * 10_000),
        ('{"v":1,"call":"forged"}', '{"v":1,"call":"forged"}'),
        (None, None),
        (5, None),
        ({"a": [1]}, None),
    ],
)
def test_client_state_never_refuses_an_event(state, read):
    envelope = read_envelope(body("call.bridged", IDS | {"client_state": state, "connection_id": state}))

    assert (envelope.ids.client_state, envelope.ids.connection_id) == (read, read)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-11-20T15:04:05.120331Z", datetime(2026, 11, 20, 15, 4, 5, 120331, tzinfo=UTC)),
        ("2026-11-20T10:04:05-05:00", datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)),
        ("2026-11-20T15:04:05", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        (1_795_187_204, None),
        (None, None),
        ({}, None),
    ],
)
def test_the_time_of_an_event_is_utc_or_unknown(sent, read):
    occurred_at = read_envelope(body(occurred_at=sent)).occurred_at

    assert occurred_at == read
    assert occurred_at is None or occurred_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("meta", "attempt", "delivered_to"),
    [
        (None, None, None),
        (5, None, None),
        ([], None, None),
        ({}, None, None),
        ({"attempt": "2", "delivered_to": "https://b.example"}, None, "https://b.example"),
        ({"attempt": 2, "delivered_to": 5}, 2, None),
        ({"attempt": 2**70}, None, None),
        ({"attempt": -1}, None, None),
    ],
)
def test_an_odd_meta_loses_what_is_odd_in_it(meta, attempt, delivered_to):
    sent = body()[:-1] + b', "meta": ' + json.dumps(meta).encode() + b"}"

    envelope = read_envelope(sent)

    assert (envelope.attempt, envelope.delivered_to) == (attempt, delivered_to)


@pytest.mark.parametrize(("sent", "read"), [("event", "event"), (None, None), (5, None), ({}, None)])
def test_an_odd_record_type_is_no_reason_to_refuse(sent, read):
    assert read_envelope(body(record_type=sent)).record_type == read


def test_an_unknown_event_is_kept_raw():
    envelope = read_envelope(body("call.unheard.of", {"news": [1e3, {"deep": None}]}))

    assert read_payload(envelope) == Other("call.unheard.of")
    assert json.loads(bytes(envelope.payload)) == {"news": [1e3, {"deep": None}]}


def test_numbers_beyond_reason_in_unknown_fields_are_let_through():
    sent = body(payload=IDS | {"x": 7}).replace(b"7", b"[1e999, " + b"9" * 5_000 + b"]")

    assert read_payload(read_envelope(sent)) == CallBridged(**IDS)


def test_a_new_key_or_a_new_value_of_an_enum_passes():
    news = {"hangup_cause": "struck_by_lightning", "flow_destination": "x"}

    payload = read_payload(read_envelope(body("call.hangup", IDS | news)))

    assert payload == CallHungUp(**IDS, hangup_cause="struck_by_lightning")


def test_a_field_of_the_wrong_type_is_lost_and_the_event_is_not():
    odd = {"tags": {"a": 1}, "sip_headers": "none", "start_time": "noon", "call_quality_stats": 5, "to": ["+1"]}

    payload = read_payload(read_envelope(body("call.hangup", IDS | odd | {"hangup_cause": "timeout"})))

    assert payload == CallHungUp(**IDS, hangup_cause="timeout")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(event_type=st.sampled_from(sorted(TYPES)), data=st.data())
def test_any_values_in_other_fields_leave_the_event_its_type(event_type, data):
    free = sorted({field.encode_name for field in msgspec.structs.fields(TYPES[event_type])} - IDS.keys())
    odd = data.draw(st.dictionaries(st.sampled_from([*free, "brand_new"]), JSON))

    payload = read_payload(read_envelope(body(event_type, IDS | odd)))

    assert type(payload) is TYPES[event_type]
    assert payload.call_leg_id == "leg"


@settings(deadline=None)
@given(sample=st.sampled_from(sorted(SAMPLES)), at=st.integers(0, 2_000), bytes_=st.binary(max_size=6))
def test_damaged_bytes_are_read_or_refused_and_never_crash(sample, at, bytes_):
    sent = SAMPLES[sample][:at] + bytes_ + SAMPLES[sample][at + len(bytes_) :]

    try:
        read_payload(read_envelope(sent))
    except BadInput:
        return

    json.loads(sent)
