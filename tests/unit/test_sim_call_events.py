"""The stand-in's log of commands and webhooks: what a query finds."""

import pytest

from simulator.call_events import CallEvent, call_events
from simulator.query import Ask
from simulator.refusals import Refusal
from tests.sim_line import CALLER, OURS

NOW = 1_800_000_000.0
DAY_S = 86_400.0


def event(name="call.answered", at=NOW, **other):
    defaults = {
        "kind": "webhook",
        "call_leg_id": "leg",
        "call_session_id": "session",
        "connection_id": "2900",
        "from_": CALLER,
        "to": OURS,
        "failed": False,
        "metadata": {},
    }
    return CallEvent(name=name, at=at, **(defaults | other))


def ask(query):
    return Ask({}, query, b"", NOW)


def found(events, **query):
    return [row["name"] for row in call_events(events, ask(query))["data"]]


LOG = [
    event("late", NOW - 10),
    event("early", NOW - 20, call_leg_id="other"),
    event("command", NOW - 15, kind="command", failed=True),
    event("old", NOW - DAY_S - 1, connection_id="2901", from_="+12025550199"),
]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["early", "command", "late"]),
        ({"filter[leg_id]": "leg"}, ["old", "command", "late"]),
        ({"filter[application_session_id]": "session"}, ["old", "early", "command", "late"]),
        ({"filter[leg_id]": "nobody"}, []),
        ({"filter[type]": "command"}, ["command"]),
        ({"filter[type]": "webhook"}, ["early", "late"]),
        ({"filter[name]": "late"}, ["late"]),
        ({"filter[failed]": "true"}, ["command"]),
        ({"filter[failed]": "false"}, ["early", "late"]),
        ({"filter[product]": "call_control"}, ["early", "command", "late"]),
        ({"filter[product]": "fax"}, []),
        ({"filter[from]": CALLER}, ["early", "command", "late"]),
        ({"filter[to]": CALLER}, []),
        ({"filter[connection_id]": "2901"}, []),
        ({"filter[leg_id]": "leg", "filter[connection_id]": "2901"}, ["old"]),
        ({"filter[application_name][contains]": "no meaning here"}, ["early", "command", "late"]),
        ({"page[size]": "2", "page[number]": "2"}, ["late"]),
    ],
)
def test_call_events_are_found_in_order_of_time_and_without_a_leg_for_a_day(query, names):
    assert found(LOG, **query) == names


@pytest.mark.parametrize(
    ("operator", "names"),
    [
        ("eq", ["command"]),
        ("gt", ["late"]),
        ("gte", ["command", "late"]),
        ("lt", ["early"]),
        ("lte", ["early", "command"]),
    ],
)
def test_a_time_is_compared_with_the_operator_that_is_asked_for(operator, names):
    # 2027-01-15T08:00:00Z is NOW.
    assert found(LOG, **{f"filter[occurred_at][{operator}]": "2027-01-15T07:59:45Z"}) == names


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"filter[occurred_at][gt]": "2027-01-15", "filter[occurred_at][lt]": "2027-01-16"}, "10015"),
        ({"filter[occurred_at][gt]": "yesterday"}, "10015"),
        ({"filter[occurred_at][ne]": "2027-01-15"}, "10015"),
        ({"filter[type]": "fax"}, "10032"),
        ({"filter[failed]": "maybe"}, "10032"),
        ({"filter[product]": "sms"}, "10032"),
    ],
)
def test_a_query_that_cannot_be_used_is_refused(query, code):
    with pytest.raises(Refusal) as refusal:
        call_events(LOG, ask(query))

    assert (refusal.value.status, refusal.value.code) == (422, code)
    assert refusal.value.parameter in query


def test_a_row_has_the_documented_keys():
    (row,) = call_events([event(metadata={"a": 1})], ask({}))["data"]

    assert row == {
        "call_leg_id": "leg",
        "call_session_id": "session",
        "event_timestamp": "2027-01-15T08:00:00.000000Z",
        "metadata": {"a": 1},
        "name": "call.answered",
        "record_type": "call_event",
        "type": "webhook",
    }
