"""The example in the root is valid, quiet and does what its comments say."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shared.dialplan import Hangup, LeaveMessage, Transfer, Voicemail, load, may_dial, variables, warnings
from tests.processes import ROOT
from workers.logic.routing_rules import Incoming, first_match

PLAN = load(ROOT / "dialplan.toml").plan
CALLER = "+12025550142"


def at(text):
    """A time of the clinic's clock as Unix seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/Chicago")).timestamp()


MONDAY = at("2026-03-02T10:00")


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (Incoming("+13125550100", CALLER, "1", MONDAY), "clinic: open"),
        (Incoming("+13125550100", CALLER, "1", at("2026-03-02T12:30")), "clinic: closed"),
        (Incoming("+13125550100", CALLER, "1", at("2026-03-06T14:00")), "clinic: closed"),
        (Incoming("+13125550100", CALLER, "1", at("2026-12-25T10:00")), "clinic: closed"),
        (Incoming("+13125550100", "anonymous", "1", MONDAY), "clinic: hidden, unsigned callers"),
        (Incoming("+13125550100", "anonymous", "1", MONDAY, "C"), "clinic: hidden, unsigned callers"),
        (Incoming("+13125550100", "anonymous", "1", MONDAY, "A"), "clinic: open"),
        (Incoming("+13125550200", CALLER, "1", MONDAY), "sales"),
        (
            Incoming("+13125550200", CALLER, "1", MONDAY, headers=(("x-tier", "gold"),)),
            "sales: gold customers reach Ana first",
        ),
        (Incoming("+13125550220", CALLER, "1", MONDAY), "partners"),
        (Incoming("+13125550300", CALLER, "1", MONDAY), "reminders: called back"),
        (Incoming("+13125559999", CALLER, "1", MONDAY), None),
    ],
)
def test_each_number_has_its_business(facts, rule):
    assert first_match(PLAN, facts).rule == rule


def test_it_gives_no_warning():
    assert warnings(PLAN) == []


def test_a_closed_clinic_takes_messages():
    closed = first_match(PLAN, Incoming("+13125550100", CALLER, "1", at("2026-03-07T10:00")))

    assert closed.action == Voicemail("clinic")
    assert PLAN.voicemail["clinic"].max_secs == 120


def test_reminders_speak_to_humans_and_leave_messages_on_machines():
    reminder = PLAN.outbound["reminder"]

    assert variables(reminder) == {"name", "when"}
    assert reminder.human.then == Transfer("+13125550111")
    assert reminder.branch("machine") == LeaveMessage("A reminder from Lake Clinic: {when}.")
    assert reminder.branch("fax") == reminder.branch("silence") == Hangup()


def test_it_names_a_policy_that_exists_and_members_that_may_be_dialled():
    transfer = first_match(PLAN, Incoming("+13125550100", CALLER, "1", MONDAY)).action
    members = [member for group in PLAN.groups.values() for member in group.members]

    assert PLAN.recording[transfer.record].announce == "This call may be recorded."
    assert len(members) == 6
    assert all(may_dial(PLAN, member) for member in members)
