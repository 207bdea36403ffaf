"""The stand-in against the documented contract: what it reads, what it refuses, what it answers with."""

import json

import msgspec
import pytest

from simulator import storage
from simulator.applications import Applications
from simulator.call_events import CallEvent
from simulator.parameters import VERBS, read_body
from simulator.query import Ask
from simulator.refusals import Refusal
from tests.sim_line import Line
from tests.telnyx_contract import OPERATIONS

COMMANDS = {name: operation for name, operation in OPERATIONS.items() if operation["path"].startswith("/calls")}
APPLICATION = {"application_name": "Clinic", "webhook_event_url": "https://voice.example.com/"}
MANDATORY = {
    "dial": {"connection_id": "29", "from": "+13125550300", "to": "+13125550111"},
    "transfer": {"to": "+13125550111"},
    "bridge": {"call_control_id": "v3:other"},
    "reject": {"cause": "USER_BUSY"},
    "speak": {"payload": "hello", "voice": "female"},
    "gather_using_speak": {"payload": "hello", "voice": "female"},
    "playback_start": {"audio_url": "https://media.example.com/a.mp3"},
    "record_start": {"format": "mp3", "channels": "dual"},
    "client_state_update": {"client_state": "eA=="},
    "send_dtmf": {"digits": "1"},
    "streaming_start": {"stream_url": "wss://media.example.com/live"},
}
FIELDS = [
    (name, field, rule)
    for name, operation in OPERATIONS.items()
    if name in VERBS or name.endswith("ate_call_control_application")
    for field, rule in operation["sends"].items()
]
OPEN = {"preferred_codecs", "transcription_language"}
"""Any text passes, whatever the list of known ones."""
PATTERNS = {"from_display_name": {"10000"}, "send_digits_on_answer": {"10015"}}
"""The code of what is checked as a pattern; other limits are an enum or a range."""


def read(name, body):
    """As the operation reads its body."""
    raw = json.dumps(body).encode()
    if name in VERBS:
        return read_body(name, raw)
    applications = Applications()
    id_ = applications.create(Ask({}, {}, json.dumps(APPLICATION).encode(), 0.0))["data"].id
    act = applications.create if name.startswith("create") else applications.update
    return act(Ask({"id": id_}, {}, raw, 0.0))


def spoilt(name, field, value):
    """The refusal of the least body with one field that is wrong."""
    with pytest.raises(Refusal) as refusal:
        read(name, MANDATORY.get(name, APPLICATION if name not in VERBS else {}) | {field: value})
    return refusal.value


def test_every_command_of_the_contract_is_performed():
    assert {name for name, operation in COMMANDS.items() if operation["method"] == "POST"} <= VERBS


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, field, _ in FIELDS])
def test_every_documented_field_is_read(name, field):
    # No field takes 7.5, so one that accepts it is not read.
    refusal = spoilt(name, field, 7.5)

    assert (refusal.status, refusal.code, refusal.pointer) == (422, "10015", f"/{field}")


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name, field, rule in FIELDS if rule.get("required") and name != "bridge"]
)
def test_what_is_mandatory_is_missed(name, field):
    body = MANDATORY.get(name, APPLICATION)

    with pytest.raises(Refusal) as refusal:
        read(name, {key: value for key, value in body.items() if key != field})

    assert (refusal.value.code, refusal.value.pointer) == ("10004", f"/{field}")


def outside(rule):
    """Values that the documented limits of a field exclude."""
    if "enum" in rule:
        yield rule["enum"][-1] * 3
    if "min" in rule:
        yield rule["min"] - 1
    if "max" in rule:
        yield rule["max"] + 1
    if "max_length" in rule:
        yield "x" * (rule["max_length"] + 1)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        pytest.param(name, field, value, id=f"{name}-{field}")
        for name, field, rule in FIELDS
        if field not in OPEN
        for value in outside(rule)
    ],
)
def test_a_value_outside_the_documented_limits_is_refused(name, field, value):
    refusal = spoilt(name, field, value)

    assert refusal.pointer == f"/{field}"
    assert refusal.code in PATTERNS.get(field, {"10032", "10033"})


def keys(answer):
    """The names of an answer's fields, those of inner objects after a dot."""
    for name, value in msgspec.to_builtins(answer).items():
        yield name
        if isinstance(value, dict):
            yield from (f"{name}.{inner}" for inner in value)


def application():
    return Applications().create(Ask({}, {}, json.dumps(APPLICATION).encode(), 0.0))["data"]


def recording():
    line = Line()
    caller = line.answered_caller()
    line.command("record_start", caller)
    line.command("hangup", caller)
    return storage.recordings(line.legs, Ask({}, {}, b"", line.now))["data"][0]


def call_event():
    return CallEvent(
        "command", "answer", 0.0, "leg", "session", "2900", "+1", "+2", failed=False, metadata={}
    ).row()


@pytest.mark.parametrize(
    ("name", "answer", "left_out"),
    [
        ("create_call_control_application", application, set()),
        ("list_call_events", call_event, set()),
        (
            "list_recordings",
            recording,
            {"conference_id", "initiated_by", "download_urls.wav"},  # of no call here, and in one format
        ),
    ],
)
def test_an_answer_has_the_documented_fields_and_no_other(name, answer, left_out):
    assert set(keys(answer())) | left_out == set(OPERATIONS[name]["gives"])


def test_a_dial_is_answered_with_the_documented_fields():
    line = Line()
    dial = read_body("dial", json.dumps(MANDATORY["dial"] | {"record": "record-from-answer"}).encode())

    reply, _ = line.legs.dial(dial, line.now)

    later = {"call_duration", "start_time", "end_time"}  # a call that has not begun has none of them
    assert set(reply) | later == set(OPERATIONS["dial"]["gives"])
