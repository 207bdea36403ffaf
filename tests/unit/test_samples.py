"""The samples that `trunkline trigger` sends."""

from datetime import UTC, datetime

import pytest

from console import samples
from tests.samples import SEED

NOW = datetime(2027, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def event(name="call.hangup", call="a", **values):
    return samples.now_of(samples.read(name), NOW, "an-id", call, values)["data"]


def test_there_is_one_of_each_event_of_the_seed():
    assert set(SEED) <= set(samples.names())


@pytest.mark.parametrize("name", samples.names())
def test_each_is_an_event_of_its_name_and_of_now(name):
    told = event(name)

    assert (told["event_type"], told["id"], told["record_type"]) == (name, "an-id", "event")
    assert told["occurred_at"] == "2027-01-02T03:04:05.678000Z"


def test_the_times_in_it_keep_their_distance():
    told = event("call.hangup")["payload"]

    assert told["end_time"] == "2027-01-02T03:04:05.678000Z"
    assert told["start_time"] == "2027-01-02T03:01:29.066427Z"


def test_events_with_one_name_are_of_one_call_and_others_of_another():
    ids = ("call_control_id", "call_leg_id", "call_session_id")
    told = (("call.initiated", "a"), ("call.machine.detection.ended", "a"), ("call.hangup", "b"))

    first, same, other = (event(name, call)["payload"] for name, call in told)

    for name in ids:
        assert first[name] == same[name] != other[name]


def test_values_of_ones_own_have_the_type_of_the_sample():
    told = event(
        "call.hangup", connection_id="2900000000000000001", tags='["a"]', hangup_cause="user_busy", new="1"
    )

    payload = told["payload"]
    assert (payload["connection_id"], payload["tags"]) == ("2900000000000000001", ["a"])
    assert (payload["hangup_cause"], payload["new"]) == ("user_busy", "1")


def test_a_value_that_is_not_of_that_type_is_refused():
    with pytest.raises(ValueError, match="tags"):
        event("call.hangup", tags="support")
