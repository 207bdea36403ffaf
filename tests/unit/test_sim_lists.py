"""The stand-in's log of commands and webhooks, and its list of recordings: what a query finds."""

import pytest

from simulator import storage
from simulator.call_events import CallEvent, call_events
from simulator.query import Ask
from simulator.refusals import Refusal
from tests.sim_line import CALLER, OURS, Line

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


def ask(query, path=None, raw=b"", now=NOW):
    return Ask(path or {}, query, raw, now)


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


# Recordings


def recorded(times=2):
    """A line whose calls were recorded for one second each, a minute apart."""
    line = Line()
    for _ in range(times):
        caller = line.answered_caller()
        line.command("record_start", caller)
        line.wait(1)
        line.command("hangup", caller)
        line.wait(59)
    return line


def ids(line, **query):
    return [row["id"] for row in storage.recordings(line.legs, ask(query, now=line.now))["data"]]


def test_saved_recordings_are_listed_with_the_newest_first():
    line = recorded()
    caller = line.answered_caller()
    line.command("record_start", caller)

    first, second, _running = line.switch.recordings

    assert ids(line) == [second, first]
    assert ids(line, **{"page[size]": "1", "page[number]": "2"}) == [first]


def test_a_recording_is_listed_with_its_call_and_its_length():
    line = recorded(1)
    (leg,) = line.switch.legs.values()

    (row,) = storage.recordings(line.legs, ask({}, now=line.now))["data"]

    assert row["duration_millis"] == 1000
    assert (row["call_leg_id"], row["from"], row["to"]) == (leg.call_leg_id, CALLER, OURS)


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({"filter[from]": CALLER}, [1, 0]),
        ({"filter[to]": CALLER}, []),
        ({"filter[connection_id]": "2900"}, [1, 0]),
        ({"filter[conference_id]": "c"}, []),
        ({"filter[start_time][gte]": "1970-01-01T00:17:40Z"}, [1]),
        ({"filter[start_time][lte]": "1970-01-01T00:17:39Z"}, [0]),
        ({"filter[end_time][gte]": "1970-01-01T00:16:41Z", "filter[end_time][lte]": "1970-01-01T00:17:00"}, [0]),
        ({"filter[created_at][gte]": "1970-01-01T00:18:00+00:00"}, []),
    ],
)
def test_recordings_are_found_by_their_call_and_their_time(query, places):
    line = recorded()
    saved = list(line.switch.recordings)

    assert ids(line, **query) == [saved[place] for place in places]


@pytest.mark.parametrize("line", [Line(), recorded(1)])
@pytest.mark.parametrize("name", ["created_at", "start_time", "end_time"])
def test_a_time_that_is_none_is_refused_whatever_is_recorded(line, name):
    with pytest.raises(Refusal, match="10015") as refusal:
        ids(line, **{f"filter[{name}][gte]": "yesterday"})

    assert refusal.value.parameter == f"filter[{name}][gte]"


@pytest.mark.parametrize("name", ["call_control_id", "call_leg_id", "call_session_id"])
def test_recordings_are_found_by_the_ids_of_their_call(name):
    line = recorded()
    first = next(iter(line.switch.legs.values()))

    assert ids(line, **{f"filter[{name}]": getattr(first, name)}) == first.recordings


def test_a_deleted_recording_is_gone_with_its_links():
    line = recorded(1)
    (recording,) = line.switch.recordings.values()
    path = {"recording_id": recording.recording_id}
    (signature,) = recording.links

    deleted = storage.delete_recording(line.legs, ask({}, path, now=line.now))["data"]

    assert deleted["id"] == recording.recording_id
    assert ids(line) == []
    assert storage.linked_recording(line.legs, f"{recording.recording_id}.mp3", signature, line.now) is None
    with pytest.raises(Refusal, match="10005"):
        storage.recording(line.legs, ask({}, path, now=line.now))


def test_several_recordings_are_deleted_together_or_not_at_all():
    line = recorded(3)
    one, other, _kept = line.switch.recordings
    both = f'{{"ids":["{one}","{other}"]}}'.encode()

    with pytest.raises(Refusal, match="10005"):
        storage.delete_recordings(line.legs, ask({}, raw=both.replace(other.encode(), b"unknown"), now=line.now))
    before = len(ids(line))
    storage.delete_recordings(line.legs, ask({}, raw=both, now=line.now))

    assert before == 3
    assert len(ids(line)) == 1
