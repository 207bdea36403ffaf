"""Thirty calls through a Telnyx that fails in every way it can: each gets exactly its commands, once."""

from typing import NamedTuple

import pytest

from shared.ids import CallId, SessionId, inbound_call_id
from tests.e2e.stack import ALL
from tests.waiting import wait_for, wait_until

DIALPLAN = """
version = 1
timezone = "UTC"
voice = "female"
[limits]
allow = ["+1*"]
[groups.sales]
members = ["+13125550211", "+13125550212", "+13125550213"]
[outbound.reminder]
from = "+13125550300"
amd = { mode = "premium", decide_within_secs = 30 }
human = { do = "transfer", to = "+13125550111" }
[[rules]]
name = "taken"
when = { to = "+13125550100" }
then = { do = "transfer", to = "+13125550111" }
[[rules]]
name = "not taken"
when = { to = "+13125550120" }
then = { do = "transfer", to = "+13125550121", otherwise = { do = "say", text = "Call again." } }
[[rules]]
name = "group"
when = { to = "+13125550200" }
then = { do = "ring", group = "sales" }
[[rules]]
name = "announcement"
when = { to = "+13125550400" }
then = { do = "answer", then = { do = "say", text = "We are closed.", then = { do = "hangup" } } }
[default]
then = { do = "reject" }
"""
PEOPLE = {
    "*": {"answers_after": 0.4},  # a human, who stays until somebody else hangs up
    "+13125550121": {"answers_after": 0.4, "busy": True},
    "+13125550211": {"answers_after": 0.4, "busy": True},
    "+13125550212": {"answers_after": 4.0},  # after that one was found busy, whatever goes wrong
    "+13125550213": {"no_answer": True},
    **{f"+120255520{n:02}": {"answers_after": 0.4, "as": "machine"} for n in range(100)},
}
DIALS = ["dial +13125550211", "dial +13125550212", "dial +13125550213"]
EXPECTED = {  # kind -> its commands, sorted; `{to}` is the number of an outbound call
    "taken": ["answer", "transfer +13125550111"],
    "not taken": ["answer", "hangup +13125550120", "speak", "transfer +13125550121"],
    "group": ["answer", "bridge", *DIALS, "hangup +13125550213"],
    "announcement": ["answer", "hangup +13125550400", "speak"],
    "rejected": ["reject"],
    "human": ["dial {to}", "transfer +13125550111"],
    "machine": ["dial {to}", "hangup {to}"],
}
NUMBERS = {
    "taken": "+13125550100",
    "not taken": "+13125550120",
    "group": "+13125550200",
    "announcement": "+13125550400",
    "rejected": "+13125550999",
}
MIX = {"taken": 6, "not taken": 5, "group": 5, "announcement": 4, "rejected": 3, "human": 4, "machine": 3}
TALKS = {"taken", "group", "human"}

FAULTS = [
    {"fault": "silence", "on": "transfer", "times": 2},
    {"fault": "silence", "on": "dial", "times": 2},
    {"fault": "reset", "on": "dial", "times": 2},
    {"fault": "reset", "on": "reject", "times": 1},
    {"fault": "500_after", "on": "transfer", "times": 2},
    {"fault": "503_after", "on": "bridge", "times": 2},
    {"fault": "500_after", "on": "speak", "times": 2},
    {"fault": "500", "on": "answer", "times": 3},
    {"fault": "503", "on": "hangup", "times": 2},
    {"fault": "429", "on": "answer", "times": 2},
    {"fault": "429", "on": "transfer", "times": 2},
    {"fault": "slow", "probability": 0.2},
    {"fault": "dup", "probability": 0.3},
    {"fault": "reorder", "probability": 0.4},
    {"fault": "drop", "probability": 0.1},
]


class Placed(NamedTuple):
    """A call of the mix; `to` is the number that was dialled, by us or by the caller."""

    kind: str
    to: str
    id: CallId
    session: str


@pytest.fixture
def stack(own_stack, tmp_path):
    plan = tmp_path / "dialplan.toml"
    plan.write_text(DIALPLAN)
    stack = own_stack("--speed", "4", dialplan=plan).start(*ALL, "routing")
    stack.sim.people(**PEOPLE)
    stack.sim.config(first_command_timeout_secs=300)
    stack.sim.faults(*FAULTS, seed=7)
    return stack


def place_all(stack):
    """The mix, inbound and outbound together."""
    requested, placed = [], []
    for kind, count in MIX.items():
        for n in range(count):
            if kind in NUMBERS:
                session = stack.sim.ring_in(NUMBERS[kind])
                placed.append(Placed(kind, NUMBERS[kind], inbound_call_id(SessionId(session)), session))
            else:
                to = f"+120255510{n:02}" if kind == "human" else f"+120255520{n:02}"
                requested.append((kind, to, stack.place_call("reminder", to)))
    numbers = {to for _, to, _ in requested}
    wait_until(lambda: numbers <= dialled(stack), "every outbound call is dialled")
    return placed + [Placed(kind, to, call, stack.sim.session_of_dial(to)) for kind, to, call in requested]


def dialled(stack):
    return {entry.body["to"] for entry in stack.sim.ledger() if entry.effective and entry.verb == "dial"}


def as_told(stack, call):
    return sorted(stack.sim.commands(call.session))


def as_expected(call):
    return [command.format(to=call.to) for command in EXPECTED[call.kind]]


def end_talks(stack, calls):
    """Hang up each conversation as soon as it has got all its commands."""
    for call in [call for call in calls if call.kind in TALKS]:
        wait_for(lambda call=call: as_told(stack, call), as_expected(call))
        wait_for(lambda call=call: stack.books.call(call.id).step.at, "connected")
        stack.sim.hang_up(call.session)


def test_every_call_gets_exactly_its_commands_once_and_no_event_is_lost(stack):
    calls = place_all(stack)

    end_talks(stack, calls)
    stack.until_quiet()

    ledger = stack.sim.ledger()
    assert {call.id: as_told(stack, call) for call in calls} == {call.id: as_expected(call) for call in calls}
    assert {entry.fault for entry in ledger} >= {rule["fault"] for rule in FAULTS[:12]}  # it did fail
    effective = [entry.command_id for entry in ledger if entry.effective]
    assert len(set(effective)) == len(effective)
    assert [entry for entry in ledger if entry.same_bytes_as_first is False] == []

    told = {call.id: stack.books.call(call.id) for call in calls}
    assert {call.step.at for call in told.values()} == {"over"}
    outcomes = {call.id: call.kind for call in calls if call.kind in {"human", "machine"}}
    assert {call_id: told[call_id].outcome for call_id in outcomes} == outcomes
    assert {leg.state for leg in stack.sim.legs()} == {"ended"}

    webhooks = stack.sim.webhooks()
    assert all(webhook.delivered for webhook in webhooks)
    assert any(webhook.attempts > webhook.copies for webhook in webhooks)  # some were dropped, and sent again
    audit = stack.books.audit()
    assert audit.accepted == len(webhooks) + len(outcomes)
    assert (audit.applied, audit.parked, audit.is_balanced) == (audit.accepted, 0, True)
    assert audit.duplicates > 0


def test_a_member_whose_dial_was_put_off_is_not_rung_once_somebody_else_has_the_call(stack):
    stack.sim.people(**{f"+1312555021{n}": {"answers_after": 0.4} for n in (1, 2, 3)})
    stack.sim.faults({"fault": "429", "on": "dial", "times": 1})
    session = stack.sim.ring_in("+13125550200")
    call_id = inbound_call_id(SessionId(session))
    wait_until(lambda: stack.books.calls() and stack.books.call(call_id).step.at == "connected", "it is taken")

    stack.until_worked_off()

    (put_off,) = [entry for entry in stack.sim.ledger() if entry.fault == "429"]
    assert f"dial {put_off.body['to']}" not in stack.sim.commands(session)


def test_a_transfer_that_a_webhook_proves_does_not_hold_up_what_follows(stack):
    stack.sim.people(**{"+13125550121": {"answers_after": 0.2, "busy": True}})
    stack.sim.faults({"fault": "silence", "on": "transfer", "times": 4})

    session = stack.sim.ring_in("+13125550120")
    wait_until(lambda: "speak" in stack.sim.commands(session), "the caller is told")

    at = {entry.verb: entry.at for entry in reversed(stack.sim.ledger())}
    assert at["speak"] - at["transfer"] < 4.0  # seconds; a request is waited for at most 5
