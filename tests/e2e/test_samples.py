"""The twelve sample bodies, signed and posted: each is applied once, and what they call for goes out once."""

import json
import random
import re

import pytest

from shared.ids import SessionId, inbound_call_id
from tests.e2e.stack import ALL, Stack
from tests.samples import SAMPLES
from tests.waiting import wait_until

DIALPLAN = """
version = 1
timezone = "UTC"
[[rules]]
name = "the number of the samples"
when = { to = "+12025550178" }
then = { do = "transfer", to = "+12025550111" }
[default]
then = { do = "reject" }
"""
COMMANDS = ["answer", "transfer"]
STORY = {  # these tell of what our commands have done, so they come after so many of them
    "call.initiated": 0,
    "call.answered": 1,
    "call.hangup": 2,
    "call.recording.saved": 2,
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    plan = folder / "dialplan.toml"
    plan.write_text(DIALPLAN)
    with Stack(folder, "--adopt", dialplan=plan) as stack:
        stack.sim.config(webhook_url=None)  # the samples are all that is told of these calls
        yield stack.start(*ALL)


def samples(number):
    """Event type -> body, in the order of their ids: as recorded for 0, else with ids of another call."""
    bodies = {name: renumbered(body, number) for name, body in SAMPLES.items()}
    assert len(bodies) == 12
    return dict(sorted(bodies.items(), key=lambda item: json.loads(item[1])["data"]["id"]))


def renumbered(body, number):
    """Other ids of event, leg, session, call control and recording; nothing else changes, not even a length."""
    ids = rb'"(?:00000000-0000-4000-8|5a0c2f10-b7d1-11f1-9|5a0c3a8c-b7d1-11f1-8|v3:Fake|11111111-2222-4333-8)'
    return re.sub(ids, lambda match: match[0][:-1] + str(number).encode(), body) if number else body


def payload(number, event_type="call.initiated"):
    return json.loads(samples(number)[event_type])["data"]["payload"]


def commands(stack, number):
    """What was sent to the caller's leg of this round; all of it had its effect."""
    control_id = payload(number)["call_control_id"]
    on_leg = [entry for entry in stack.sim.ledger() if entry.call_control_id == control_id]
    assert [entry for entry in on_leg if not entry.effective] == []
    return [entry.verb for entry in on_leg]


def state_of(stack, number):
    return stack.books.call(inbound_call_id(SessionId(payload(number)["call_session_id"]))).step.at


def deliver(stack, number, names):
    """Post them one after another, each as soon as what it tells of has happened; the statuses."""
    statuses = []
    for name in names:
        wait_until(lambda name=name: len(commands(stack, number)) >= STORY.get(name, 0), f"{name} may come")
        statuses.append(stack.post(samples(number)[name]))
    return statuses


def shuffled(names, seed):
    """Any order in which the story of the call stays one."""
    dice = random.Random(seed)
    story = iter(["call.initiated", "call.answered", *dice.sample(["call.hangup", "call.recording.saved"], 2)])
    return [next(story) if name in STORY else name for name in dice.sample(names, len(names))]


def test_all_twelve_as_recorded_are_applied_and_call_for_one_answer_and_one_transfer(stack):
    before = stack.books.audit()

    statuses = deliver(stack, 0, samples(0))
    stack.until_worked_off()

    after = stack.books.audit()
    assert statuses == [200] * 12
    assert (after.accepted - before.accepted, after.applied - before.applied) == (12, 12)
    assert (after.parked, after.pending, after.is_balanced) == (before.parked, 0, True)
    assert commands(stack, 0) == COMMANDS
    assert state_of(stack, 0) == "over"


def test_a_recording_on_a_host_that_is_not_allowed_is_parked_with_the_reason_and_its_event_applied(stack):
    before = stack.books.audit()
    job = f"recording-{payload(1, 'call.recording.saved')['recording_id']}"

    assert stack.post(samples(1)["call.recording.saved"]) == 200
    reason = wait_until(lambda: stack.books.dead_letters("recording").get(job), "the download is parked")

    assert "storage.example.com is not allowed" in reason
    assert "RECORDING_HOSTS" in reason
    assert not stack.recordings.exists() or list(stack.recordings.iterdir()) == []
    stack.until_worked_off()
    assert stack.books.audit().applied == before.applied + 1


@pytest.mark.parametrize("number", [2, 3, 4])
def test_shuffled_and_twice_over_each_is_applied_once_and_the_second_is_counted_as_a_duplicate(stack, number):
    before = stack.books.audit()
    names = list(samples(number))

    statuses = deliver(stack, number, shuffled(names, number))
    statuses += deliver(stack, number, random.Random(number).sample(names, 12))
    stack.until_worked_off()

    after = stack.books.audit()
    assert statuses == [200] * 24
    assert (after.applied - before.applied, after.duplicates - before.duplicates) == (12, 12)
    assert after.is_balanced
    assert commands(stack, number) == COMMANDS


@pytest.mark.parametrize("number", [5, 6])
def test_in_any_order_at_all_no_command_goes_out_twice_and_the_call_ends(stack, number):
    names = random.Random(number).sample(list(samples(number)), 12)

    for name in names:
        assert stack.post(samples(number)[name]) == 200
    stack.until_worked_off()

    sent = commands(stack, number)
    assert sent == [verb for verb in COMMANDS if verb in sent]
    assert (state_of(stack, number), stack.books.audit().is_balanced) == ("over", True)
