"""A body as a person writes it: read into its type, or refused with the key or the field that is wrong."""

import json

import pytest

from shared import commands as c
from shared.commands.voices import MinimaxVoice, TelnyxVoice
from shared.errors import BadInput
from shared.telnyx import OPERATIONS, decode_body, decode_query
from shared.telnyx.applications import InboundSettings, ListApplications, UpdateApplication
from shared.telnyx.calls import ListActiveCalls

LEAST = {
    "dial": {"connection_id": "290", "from": "+12025550142", "to": ["+12025550111"]},
    "speak": {"payload": "a", "voice": "b"},
    "update_call_control_application": {"application_name": "a", "webhook_event_url": "https://a.example"},
}
DELAYS = '{"type":"array","items":{"type":"integer"},"maxItems":5}'
PROVIDERS = '{"enum":["aws","azure","elevenlabs","inworld","minimax","resemble","soniox","telnyx","xai"]}'


def body_of(name, **fields):
    return json.dumps(LEAST.get(name, {}) | fields).encode()


@pytest.mark.parametrize(
    ("name", "body", "sent", "command_id"),
    [
        (
            "dial",
            body_of("dial", command_id="cmd-1", timeout_secs=20),
            c.Dial(connection_id="290", from_="+12025550142", to=("+12025550111",), timeout_secs=20),
            "cmd-1",
        ),
        ("hangup", b"{}", c.Hangup(), None),
        ("client_state_update", b'{"client_state":"YQ=="}', c.UpdateClientState(client_state="YQ=="), None),
        (
            "speak",
            body_of("speak", voice_settings={"type": "telnyx", "voice_speed": 1}),
            c.Speak(payload="a", voice="b", voice_settings=TelnyxVoice(voice_speed=1.0)),
            None,
        ),
        (
            "speak",
            body_of("speak", voice_settings={"type": "minimax", "language_boost": None}),
            c.Speak(payload="a", voice="b", voice_settings=MinimaxVoice(language_boost=None)),
            None,
        ),
        (
            "update_call_control_application",
            body_of("update_call_control_application", webhook_timeout_secs=None, inbound={"channel_limit": 2}),
            UpdateApplication(
                application_name="a",
                webhook_event_url="https://a.example",
                webhook_timeout_secs=None,
                inbound=InboundSettings(channel_limit=2),
            ),
            None,
        ),
    ],
)
def test_a_body_as_telnyx_documents_it_is_read(name, body, sent, command_id):
    assert decode_body(name, body) == (sent, command_id)


@pytest.mark.parametrize(
    ("name", "body", "refusal"),
    [
        ("hangup", b'{"reasom": "x"}', "hangup: reasom is unknown"),
        ("dial", body_of("dial", sip_headers=[{"name": "User-to-User", "valeu": "x"}]),
         "dial: sip_headers[0].valeu is unknown"),
        ("dial", body_of("dial", conference_config={"mut": True}), "dial: conference_config.mut is unknown"),
        ("speak", body_of("speak", voice_settings={"type": "aws", "speed": 1}),
         "speak: voice_settings.speed is unknown"),
        ("client_state_update", b'{"client_state": "YQ==", "command_id": "x"}',
         "client_state_update: command_id is unknown"),
        ("dial", b'{"connection_id": "290", "to": "x"}', "dial: from is missing"),
        ("dial", body_of("dial", sip_headers=[{"name": "User-to-User"}]), "dial: sip_headers[0].value is missing"),
        ("speak", body_of("speak", voice_settings={}), "speak: voice_settings.type is missing"),
        ("dial", body_of("dial", timeout_secs=4),
         'dial: timeout_secs must be {"type":"integer","minimum":5,"maximum":600}'),
        ("dial", body_of("dial", timeout_secs="20"),
         'dial: timeout_secs must be {"type":"integer","minimum":5,"maximum":600}'),
        ("dial", body_of("dial", sip_headers=[{"name": "x", "value": "y"}]),
         'dial: sip_headers[0].name must be {"enum":["User-to-User"]}'),
        ("dial", body_of("dial", to=5),
         'dial: to must be {"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]}'),
        ("dial", body_of("dial", webhook_retries_policies={"call.hangup": {"retries_ms": [1] * 6}}),
         f"dial: webhook_retries_policies[...].retries_ms must be {DELAYS}"),
        ("speak", body_of("speak", voice_settings={"type": "aws2"}),
         f"speak: voice_settings.type must be {PROVIDERS}"),
        ("hangup", b'{"reason": null}', 'hangup: reason must be {"type":"string"}'),
        ("hangup", b'{"command_id": null}', 'hangup: command_id must be {"type":"string"}'),
        ("hangup", b'{"command_id": 5}', 'hangup: command_id must be {"type":"string"}'),
        ("hangup", b"[]", "hangup: the body must be a JSON object"),
        ("hangup", b"null", "hangup: the body must be a JSON object"),
        ("hangup", b"{", "hangup: the body is no JSON"),
        ("hangup", b"", "hangup: the body is no JSON"),
        ("hangup", b'{"reason": "\xff"}', "hangup: the body is no JSON"),
        ("client_state_update", b"[]", "client_state_update: the body must be a JSON object"),
        ("retrieve_call", b"{}", "retrieve_call: it takes no body"),
        ("list_recordings", b"{}", "list_recordings: it takes no body"),
    ],
)  # fmt: skip
def test_a_body_that_telnyx_would_not_take_is_refused_by_name(name, body, refusal):
    with pytest.raises(BadInput) as raised:
        decode_body(name, body)

    assert str(raised.value) == refusal


@pytest.mark.parametrize("name", sorted(name for name, operation in OPERATIONS.items() if operation.takes))
def test_an_unknown_key_is_refused_by_every_operation(name):
    read = decode_query if OPERATIONS[name].listed else decode_body

    with pytest.raises(BadInput) as raised:
        read(name, b'{"no_such_key": 1}')

    assert str(raised.value) == f"{name}: no_such_key is unknown"


def test_nesting_beyond_reason_is_refused():
    deep = b'{"assistant": {"id": "a", "mcp_servers": [{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}}"

    with pytest.raises(BadInput, match="answer: the body is no JSON"):
        decode_body("answer", deep)


@pytest.mark.parametrize(
    ("name", "query", "asked"),
    [
        ("list_active_calls", b'{"page[size]": 20}', ListActiveCalls(page_size=20)),
        ("list_active_calls", b'{"page[size]": "20"}', ListActiveCalls(page_size=20)),
        (
            "list_call_control_applications",
            b'{"filter[application_name][contains]": "lake", "filter[failed]": "true", "sort": "-active"}',
            ListApplications(application_name_contains="lake", failed=True, sort="-active"),
        ),
        ("list_active_calls", b"{}", ListActiveCalls()),
    ],
)
def test_a_query_of_flat_wire_keys_is_read(name, query, asked):
    assert decode_query(name, query) == asked


@pytest.mark.parametrize(
    ("name", "query", "refusal"),
    [
        ("list_active_calls", b'{"page[sise]": 1}', "list_active_calls: page[sise] is unknown"),
        ("list_active_calls", b'{"page": {"size": 1}}', "list_active_calls: page is unknown"),
        ("list_active_calls", b'{"page[size]": 251}',
         'list_active_calls: page[size] must be {"type":"integer","minimum":1,"maximum":250}'),
        ("list_active_calls", b'{"page[after]": null}',
         'list_active_calls: page[after] must be {"type":"string"}'),
        ("list_call_events", b'{"filter[type]": "x"}',
         'list_call_events: filter[type] must be {"enum":["command","webhook"]}'),
        ("dial", b"{}", "dial: it takes no query"),
        ("retrieve_call", b"{}", "retrieve_call: it takes no query"),
    ],
)  # fmt: skip
def test_a_query_that_telnyx_would_not_take_is_refused_by_name(name, query, refusal):
    with pytest.raises(BadInput) as raised:
        decode_query(name, query)

    assert str(raised.value) == refusal


def test_the_fields_of_a_type_are_told_by_their_wire_names():
    assert c.wire_fields(c.Hangup) == {"client_state": False, "custom_headers": False, "reason": False}
    assert c.wire_fields(c.Dial)["from"] is True
