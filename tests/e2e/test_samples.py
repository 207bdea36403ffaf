"""The twelve sample bodies, signed and posted: each is applied once, and the commands they call for go out once."""

import json
import random
import re
from pathlib import Path

import pytest

from shared.ids import SessionId, inbound_call_id
from tests.e2e.stack import ALL, Stack
from tests.e2e.waiting import wait_until

PAYLOADS = Path(__file__).parents[1] / "payloads"
DESK = "+13125550111"
DIALPLAN = f"""
version = 1
timezone = "UTC"
[[rules]]
name = "the number of the samples"
when = {{ to = "+12025550178" }}
then = {{ do = "transfer", to = "{DESK}" }}
[default]
then = {{ do = "reject" }}
"""
LAST = {
    "call.hangup",
    "call.recording.saved",
}  # what a call's end brings: before it, it must have got its commands


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    plan = folder / "dialplan.toml"
    plan.write_text(DIALPLAN)
    with Stack(folder, "--adopt", dialplan=plan) as stack:
        yield stack.start(*ALL)


def samples(number):
    """Event type -> body, exactly as recorded for 0; else of another call with ids of its own."""
    bodies = {path.stem: path.read_bytes() for path in sorted(PAYLOADS.glob("*.json"))}
    if number:
        bodies = {name: renumbered(body, number) for name, body in bodies.items()}
    assert len(bodies) == 12
    return bodies


def renumbered(body, number):
    """Other ids of event, leg, session, call control and recording; nothing else changes, not even a length."""
    ids = rb'"(?:00000000-0000-4000-8|5a0c2f10-b7d1-11f1-9|5a0c3a8c-b7d1-11f1-8|v3:Fake|11111111-2222-4333-8)'
    return re.sub(ids, lambda match: match[0][:-1] + str(number).encode(), body)


def payload(number, event_type="call.initiated"):
    return json.loads(samples(number)[event_type])["data"]["payload"]


def commands(stack, number):
    """What was sent to the caller's leg of this round; everything had its effect."""
    control_id = payload(number)["call_control_id"]
    on_leg = [entry for entry in stack.sim.ledger() if entry.call_control_id == control_id]
    assert [entry for entry in on_leg if not entry.effective] == []
    return [entry.verb for entry in on_leg]


def call_of(stack, number):
    return stack.books.call(inbound_call_id(SessionId(payload(number)["call_session_id"])))


def test_all_twelve_as_recorded_are_applied_and_call_for_one_answer_and_one_transfer(stack):
    before = stack.books.audit()
    bodies = samples(0)

    statuses = [stack.post(body) for name, body in bodies.items() if name not in LAST]
    wait_until(lambda: commands(stack, 0) == ["answer", "transfer"], "the caller is transferred")
    statuses += [stack.post(bodies[name]) for name in sorted(LAST)]
    stack.until_worked_off()

    after = stack.books.audit()
    assert statuses == [200] * 12
    assert (after.accepted - before.accepted, after.applied - before.applied) == (12, 12)
    assert (after.parked, after.pending, after.is_balanced) == (before.parked, 0, True)
    assert commands(stack, 0) == ["answer", "transfer"]
    assert call_of(stack, 0).step.at == "over"


def test_a_recording_on_a_host_that_is_not_allowed_is_parked_with_the_reason(stack):
    job = f"recording-{payload(1, 'call.recording.saved')['recording_id']}"

    assert stack.post(samples(1)["call.recording.saved"]) == 200
    reason = wait_until(lambda: stack.books.dead_letters("recording").get(job), "the download is parked")

    assert "storage.example.com is not allowed" in reason
    assert "RECORDING_HOSTS" in reason
    assert not stack.recordings.exists() or list(stack.recordings.iterdir()) == []
    stack.until_worked_off()
    assert stack.books.audit().is_balanced


@pytest.mark.parametrize("number", [2, 3, 4])
def test_shuffled_and_twice_over_each_is_applied_once_and_the_second_is_counted_as_a_duplicate(stack, number):
    before = stack.books.audit()
    bodies = samples(number)
    first = [name for name in bodies if name not in LAST]
    dice = random.Random(number)
    shuffled, again = dice.sample(first, len(first)), dice.sample(list(bodies), 12)

    statuses = [stack.post(bodies[name]) for name in shuffled]
    wait_until(lambda: commands(stack, number) == ["answer", "transfer"], "the caller is transferred")
    statuses += [stack.post(bodies[name]) for name in [*dice.sample(sorted(LAST), 2), *again]]
    stack.until_worked_off()

    after = stack.books.audit()
    assert statuses == [200] * 24
    assert (after.applied - before.applied, after.duplicates - before.duplicates) == (12, 12)
    assert after.is_balanced
    assert commands(stack, number) == ["answer", "transfer"]


@pytest.mark.parametrize("number", [5, 6])
def test_in_any_order_at_all_no_command_goes_out_twice_and_the_call_ends(stack, number):
    bodies = samples(number)
    names = random.Random(number).sample(list(bodies), 12)

    for name in names:
        assert stack.post(bodies[name]) == 200
    stack.until_worked_off()

    assert commands(stack, number) in ([], ["answer"], ["answer", "transfer"])
    assert (call_of(stack, number).step.at, stack.books.audit().is_balanced) == ("over", True)
