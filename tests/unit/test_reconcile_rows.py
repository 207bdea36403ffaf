"""Rows of Telnyx's call events, whatever their metadata looks like."""

import json

import pytest

from shared import events
from shared.calls import Ended, Leg
from shared.ids import ControlId, LegId
from shared.reconcile import rows
from shared.telnyx.call_events import CallEvent

AT, TIME = 1767322800.0, "2026-01-02T03:00:00Z"
EVENT = {
    "event_type": "call.hangup",
    "id": "event-1",
    "occurred_at": "2026-01-02T02:59:59Z",
    "payload": {"call_control_id": "v3:leg-1", "call_leg_id": "leg-1", "call_session_id": "session-1"},
    "record_type": "event",
}
LEG = Leg(control_id=ControlId("v3:leg-1"), connection_id="29", initiated_at=1.0)


def row(name="call.hangup", metadata=None, kind="webhook", at=TIME, leg="leg-1"):
    return CallEvent(
        call_leg_id=leg, call_session_id="session-1", event_timestamp=at, metadata=metadata, name=name, type=kind
    )


@pytest.mark.parametrize(
    "metadata",
    [
        {"event": EVENT, "statuses": [200]},
        EVENT,
        {"data": EVENT, "meta": {"attempt": 1}},
        {"body": {"data": EVENT}},
    ],
)
def test_the_event_is_found_wherever_the_metadata_holds_it(metadata):
    read = rows.read_row(row(metadata=metadata))

    assert read.envelope.id == "event-1"
    assert read.at == AT - 1
    assert json.loads(read.body)["data"] == EVENT


@pytest.mark.parametrize(
    "metadata",
    [None, {}, {"event": "text"}, {"event": {"event_type": "call.hangup", "payload": 1}}, {"data": {"id": 7}}],
)
def test_without_the_event_its_name_and_time_are_known(metadata):
    read = rows.read_row(row(metadata=metadata))

    assert (read.name, read.at, read.leg, read.session) == ("call.hangup", AT, "leg-1", "session-1")
    assert (read.envelope, read.body) == (None, None)


@pytest.mark.parametrize("other", [row(kind="command"), row(name=None), row(at=None), row(at="yesterday")])
def test_what_is_no_webhook_or_has_no_time_is_left_out(other):
    assert rows.read_row(other) is None


@pytest.mark.parametrize(
    ("name", "direction", "begins"),
    [
        ("call.initiated", "incoming", True),
        ("call.initiated", None, True),
        ("call.initiated", "outgoing", False),
        ("call.hangup", "incoming", False),
    ],
)
def test_only_the_initiated_of_an_incoming_call_begins_one(name, direction, begins):
    event = EVENT | {"event_type": name, "payload": EVENT["payload"] | {"direction": direction}}

    assert rows.begins_a_call(rows.read_row(row(name, {"event": event}))) is begins


@pytest.mark.parametrize(
    ("name", "leg", "lacks"),
    [
        ("call.answered", LEG, True),
        ("call.answered", Leg(answered_at=5.0), False),
        ("call.bridged", LEG, True),
        ("call.bridged", Leg(bridged_at=5.0), False),
        ("call.hangup", LEG, True),
        ("call.hangup", Leg(ended=Ended(5.0, "gone")), False),
        ("call.speak.ended", LEG, False),
    ],
)
def test_three_facts_are_held_against_our_record_by_their_meaning(name, leg, lacks):
    assert rows.lacks(leg, rows.read_row(row(name))) is lacks


def test_a_fact_that_is_told_anew_is_an_event_of_its_leg_with_an_id_that_stays():
    read = rows.read_row(row())

    once, twice = (events.read_envelope(rows.webhook_of(LegId("leg-1"), LEG, read)) for _ in range(2))

    assert once.id == twice.id
    assert (once.event_type, once.occurred_at.timestamp()) == ("call.hangup", AT)
    assert (once.ids.call_control_id, once.ids.call_leg_id, once.ids.connection_id) == ("v3:leg-1", "leg-1", "29")
