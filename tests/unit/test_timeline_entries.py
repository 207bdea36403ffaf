"""What is written on a timeline can be read, by this version and what an older one wrote."""

import msgspec
import pytest

from shared import timeline
from shared.calls import Call, Step
from shared.dialplan import Hangup, Transfer
from shared.ids import CallId
from shared.timeline import AnswerEntry, CommandEntry, EventEntry, HookEntry, OverEntry, state_of
from workers.delivery.entries import written
from workers.logic.decision import Decision

OLD_EVENT = {"t": "event", "type": "timer decide", "decided": 2.0, "note": "noted", "version": 3, "started": 1.0}
OLD_COMMAND = {"t": "command", "row": 1, "verb": "answer", "at": 2.0, "path": "/calls/x/actions/answer"}
OLD_ANSWER = {
    "t": "answer",
    "row": 1,
    "verb": "answer",
    "outcome": "failed",
    "sent": 2.0,
    "answered": 3.0,
    "tries": 1,
}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (OLD_EVENT, EventEntry("timer decide", 2.0, "noted", 3, started=1.0)),
        (OLD_COMMAND, CommandEntry(1, "answer", 2.0, "/calls/x/actions/answer")),
        (OLD_ANSWER, AnswerEntry(1, "answer", "failed", 2.0, 3.0, 1)),
    ],
)
def test_an_entry_of_the_version_before_is_read_with_defaults(written, read):
    assert timeline.decode(msgspec.msgpack.encode(written)) == read


@pytest.mark.parametrize(
    "entry",
    [
        EventEntry("call.answered", 1.0, "noted", 2, waits={"decide": 8.0}, turn=("sales", 4)),
        EventEntry("leg found ended", 1.0, "noted", 2, occurred=0.5, ended="leg-1"),
        AnswerEntry(1, "dial", "succeeded", 1.0, 2.0, 1, 200, version=3, data=b'{"call_leg_id":"x"}'),
        HookEntry("hooks:choose", Transfer("+13125550111")),
        HookEntry("hooks:choose", trouble="raised KeyError"),
        OverEntry(b"a record"),
    ],
)
def test_an_entry_is_read_as_it_was_written(entry):
    assert timeline.decode(timeline.encode(entry)) == entry


def test_what_hooks_answered_stands_between_the_event_and_what_comes_of_it():
    event, hook = EventEntry("call.initiated", 1.0, "noted", 1), HookEntry("hooks:choose", Hangup())
    decision = Decision(Call(CallId("call-1"), step=Step(at="over")), "noted", hooks=(hook,))

    first, second, last = map(timeline.decode, written(event, [], decision))

    assert (first, second, type(last)) == (event, hook, OverEntry)


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (Step(), "start"),
        (Step(1, "place"), "place"),
        (Step(1, "do", Transfer("+13125550111")), "transfer"),
        (Step(1, "connected", Transfer("+13125550111")), "connected"),
        (Step(1, "over", Transfer("+13125550111")), "over"),
    ],
)
def test_a_state_is_the_action_that_the_call_is_at_or_what_no_action_is_about(step, state):
    assert state_of(Call(CallId("call-1"), step=step)) == state
