"""The stand-in's list of recordings: what a query finds, and what is deleted."""

import pytest

from simulator import storage
from simulator.query import Ask
from simulator.refusals import Refusal
from tests.sim_line import CALLER, OURS, Line


def ask(query, path=None, raw=b"", *, now):
    return Ask(path or {}, query, raw, now)


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
