"""Webhook bodies that are read: into which types, with which fields, and what is let through or left out."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import (
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
from tests.bodies import IDS, body
from tests.samples import SAMPLES

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


@given(event_type=st.sampled_from(sorted(TYPES)), data=st.data())
def test_any_values_in_other_fields_leave_the_event_its_type(event_type, data):
    free = sorted({field.encode_name for field in msgspec.structs.fields(TYPES[event_type])} - IDS.keys())
    odd = data.draw(st.dictionaries(st.sampled_from([*free, "brand_new"]), JSON))

    payload = read_payload(read_envelope(body(event_type, IDS | odd)))

    assert type(payload) is TYPES[event_type]
    assert payload.call_leg_id == "leg"
