"""Every state that a script comes to has an answer to every event of any leg; a call that is over stays over."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import calls, events
from shared.calls import Request
from shared.ids import CallId, LegId, Row
from tests.builders import PLAN_HASH, webhook
from tests.order.every import SCRIPTS
from tests.order.laws import check
from tests.order.rules import in_any_order, path
from tests.order.script import Script
from tests.order.world import VERSION, Seen, begin, deliver, key_of, tell
from workers.logic.happened import (
    CallRequested,
    CommandFailed,
    CommandSucceeded,
    CommandUnknown,
    CommandVoided,
    FoundEnded,
    Happened,
    TimerFired,
)

RESULTS = {
    events.MachineDetectionEnded: ("human", "machine", None),
    events.PremiumDetectionEnded: ("human_residence", "machine", "silence", "something new"),
    events.MachineGreetingEnded: ("ended",),
    events.PremiumGreetingEnded: ("beep_detected", "prompt_ended"),
}
PAYLOADS = [
    *(payload() for payload in events.PAYLOADS.values() if payload not in RESULTS),
    *(payload(result=result) for payload, results in RESULTS.items() for result in results),
    events.CallInitiated(direction="outgoing", to="+13125550100"),
    *(events.CallHungUp(hangup_cause=cause) for cause in ("normal_clearing", "timeout")),
    *(events.GatherEnded(digits=digits) for digits in ("1", "")),
    events.RecordingSaved(recording_id="message"),
    events.Other("call.something.new"),
]
INCOMING = events.CallInitiated(direction="incoming", to="+13125550100")
NAMES = ("1:say", "1:transfer:taken?", "4:decide", "proof 1.1", "of no kind")
ANOTHER = CallRequested(Request(CallId("another"), "call", "+13125550777", {}, PLAN_HASH), 9.0)
REFUSALS = (("10016", False, False), ("90018", True, False), ("90034", False, True), ("10007", True, True))
A_LEG = {"call_leg_id": "found", "call_control_id": "v3:found", "call_session_id": "session"}


def anything(script: Script, seen: Seen) -> Iterator[Happened]:
    """One event of each kind: of every leg and every row that the call knows, and of others."""
    for payload in PAYLOADS if script.plan.outbound else (*PAYLOADS, INCOMING):
        for leg in (*seen.call.legs, "stranger"):
            yield webhook(payload, leg, 9.0)
        for row, label in seen.labels.items():
            if label.startswith(("dial ", "transfer ")):
                yield webhook(payload, f"{label.split()[1]} 9", 9.0, row)
    for row in (*seen.call.sent, Row(99)):
        yield from outcomes(row)
    yield from (FoundEnded(leg, 9.0) for leg in (*seen.call.legs, LegId("stranger")))
    yield from (*stale(seen), *seen.timers.values())
    if script.plan.outbound:
        yield ANOTHER


def stale(seen: Seen) -> Iterator[TimerFired]:
    """Timers of a version that the record does not name, or of no name that it waits for."""
    yield from (TimerFired(name, VERSION - 1, 9.0) for name in (*NAMES, *seen.call.timers))
    yield from (TimerFired(name, VERSION, 9.0) for name in NAMES if name not in seen.call.timers)


def outcomes(row: Row) -> Iterator[Happened]:
    yield from (CommandSucceeded(row, 9.0, data) for data in ({}, A_LEG, {"is_alive": False}, {"call_leg_id": 7}))
    yield from (CommandSucceeded(row, 9.0, {}, items) for items in ((), (A_LEG,), ({"client_state": "?"},)))
    yield from (CommandFailed(row, 9.0, code, ended, again) for code, ended, again in REFUSALS)
    yield from (CommandUnknown(row, 9.0), CommandVoided(row, 9.0))


@pytest.fixture(scope="module")
def states() -> dict[str, list[Seen]]:
    """Of each script in the order of cause and effect, where another one did not come before."""
    known, found = set(), {}
    for name, script in SCRIPTS.items():
        found[name] = [seen for seen in path(script) if (repr(script.plan), key_of(seen)) not in known]
        known |= {(repr(script.plan), key_of(seen)) for seen in found[name]}
    return found


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_state_has_an_answer_to_every_event(name, states):
    for seen in states[name]:
        for event in anything(SCRIPTS[name], seen):
            check_step(SCRIPTS[name], seen, event)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_timer_that_nothing_waits_for_and_the_outcome_of_no_command_change_nothing(name, states):
    for seen in states[name]:
        for event in (*stale(seen), *outcomes(Row(99))):
            assert tell(SCRIPTS[name], seen, event).call == seen.call


@given(name=st.sampled_from(sorted(SCRIPTS)), choices=st.lists(st.integers(0, 10_000), max_size=20))
def test_whatever_follows_whatever_there_is_an_answer(name, choices):
    script = SCRIPTS[name]
    seen = begin(script)

    for choice in choices:
        names, events = in_any_order(script, seen), list(anything(script, seen))
        if names and choice % 2:
            seen = deliver(script, seen, names[choice % len(names)], outcomes=True)
        else:
            seen = check_step(script, seen, events[choice // 2 % len(events)])
    assert calls.decode(calls.encode(seen.call)) == seen.call


def check_step(script: Script, seen: Seen, event: Happened) -> Seen:
    after = tell(script, seen, event)
    check(script, seen, after, after.sent[len(seen.sent) :])
    return after
