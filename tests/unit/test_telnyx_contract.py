"""Nothing that Telnyx documents is missing: each parameter, nested field, answer and event field has its place."""

import json

import pytest
from msgspec.structs import fields

from shared.commands import EngineConfig, UpdateClientState, wire_fields
from shared.commands.transcription import ENGINES as ENGINE_TABLE
from shared.events import PAYLOADS, read_envelope
from shared.telnyx import OPERATIONS as OURS
from shared.telnyx import operation_request
from tests.telnyx_contract import (
    ENGINES,
    ENVELOPE,
    EVENTS,
    IDS,
    LEAST,
    OBJECTS,
    OPEN_OBJECTS,
    OPERATIONS,
    OUR_OBJECTS,
    ids_of,
    wire_paths,
)

# The text of the parameter excludes it beside a queue or a video room, whatever the schema says.
MANDATORY_ON_PAPER = {("bridge", "call_control_id")}
DOCUMENTED_ORDER = sorted(OPERATIONS)


def test_the_contract_holds_the_whole_seed():
    seed = [name for name, operation in OPERATIONS.items() if operation["in_seed"]]
    parameters = [rule for operation in OPERATIONS.values() for rule in operation["sends"].values()]
    events = [event for event in EVENTS.values() if event["in_seed"]]

    assert len(seed) == 12
    assert sum(rule.get("seed", False) for rule in parameters) == 165
    assert len(events) == 12
    assert sum(len(event["seed"]) for event in events) == 134
    assert len(parameters) == 344  # with those that only the official SDK has, and the neighbours'


def test_our_table_has_the_operations_of_the_contract():
    assert OURS.keys() == OPERATIONS.keys()
    assert LEAST.keys() == {name for name, operation in OURS.items() if operation.takes is not None}


@pytest.mark.parametrize("name", DOCUMENTED_ORDER)
def test_an_operation_goes_where_telnyx_has_it(name):
    documented = OPERATIONS[name]

    assert (OURS[name].method, OURS[name].path) == (documented["method"], documented["path"])
    assert type(LEAST.get(name)) is (OURS[name].takes or type(None))


PARAMETERS = [
    (name, parameter, rule)
    for name, operation in OPERATIONS.items()
    for parameter, rule in operation["sends"].items()
]


@pytest.mark.parametrize(
    ("name", "parameter", "rule"), PARAMETERS, ids=[f"{name}-{parameter}" for name, parameter, _ in PARAMETERS]
)
def test_every_parameter_has_its_field(name, parameter, rule):
    if parameter == "command_id":
        body = operation_request(name, ids_of(name), LEAST[name], "cmd-1").body
        assert json.loads(body)["command_id"] == "cmd-1"
        return

    required = wire_fields(OURS[name].takes)[parameter]

    assert required == (rule.get("required", False) and (name, parameter) not in MANDATORY_ON_PAPER)


@pytest.mark.parametrize("name", sorted(LEAST))
def test_we_send_nothing_that_telnyx_does_not_document(name):
    assert not wire_fields(OURS[name].takes).keys() - OPERATIONS[name]["sends"].keys()


def test_a_client_state_update_alone_takes_no_command_id():
    without = {
        name
        for name in OURS
        if OURS[name].method in {"POST", "PUT"} and "command_id" not in OPERATIONS[name]["sends"]
    }

    assert without == {"client_state_update", "create_call_control_application"}
    assert operation_request("client_state_update", IDS, UpdateClientState(client_state=""), "x").body == (
        b'{"client_state":""}'
    )


@pytest.mark.parametrize("name", sorted(OUR_OBJECTS))
def test_an_object_inside_has_every_field_and_no_other(name):
    documented = {key: rule.get("required", False) for key, rule in OBJECTS[name].items()}
    kind = type(OUR_OBJECTS[name])
    config = kind.__struct_config__

    ours = wire_fields(kind) | ({config.tag_field: True} if config.tag_field else {})

    assert ours == documented
    if config.tag_field:
        assert OBJECTS[name][config.tag_field]["enum"] == [config.tag]


def test_every_object_of_the_contract_is_ours_or_open_or_an_engine():
    engines = {name for name, rules in OBJECTS.items() if rules in ENGINES.values()}

    assert OBJECTS.keys() == OUR_OBJECTS.keys() | OPEN_OBJECTS | engines


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_an_engine_takes_what_telnyx_documents_for_it(engine):
    takes = ENGINE_TABLE[engine]
    documented = ENGINES[engine]

    assert takes.fields == documented.keys() - {"transcription_engine"}
    assert set(takes.needs) == {name for name, rule in documented.items() if rule.get("required")}
    for name, values in (("language", takes.languages), ("transcription_model", takes.models)):
        assert values == "|".join(documented.get(name, {}).get("enum", []))
    assert takes.fields <= wire_fields(EngineConfig).keys()


@pytest.mark.parametrize("name", DOCUMENTED_ORDER)
def test_every_field_of_an_answer_has_its_place(name):
    assert not set(OPERATIONS[name]["gives"]) - set(wire_paths(OURS[name].gives))


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_every_field_of_an_event_documented_or_seen_has_its_place(event_type):
    event = EVENTS[event_type]

    assert not {*event["seed"], *event["more"]} - set(wire_paths(PAYLOADS[event_type]))


def test_every_typed_event_is_of_the_contract():
    assert PAYLOADS.keys() == EVENTS.keys()


def test_every_field_of_the_envelope_is_read():
    sent = {
        "data": {
            "record_type": "event",
            "event_type": "call.unheard.of",
            "id": "evt-1",
            "occurred_at": "2026-11-20T15:04:05Z",
            "payload": {},
        },
        "meta": {"attempt": 2, "delivered_to": "https://b.example/webhooks/telnyx"},
    }
    inside = {f"{part}.{name}" for part, members in sent.items() for name in members}

    envelope = read_envelope(json.dumps(sent).encode())

    assert inside | sent.keys() == set(ENVELOPE)
    read = {field.name: getattr(envelope, field.name) for field in fields(envelope)}
    assert None not in {read[name] for name in ("record_type", "event_type", "id", "attempt", "delivered_to")}
    assert bytes(envelope.payload) == b"{}"
    assert read["delivered_to"] == "https://b.example/webhooks/telnyx"
    assert read["record_type"] == "event"
