"""The example in the root is valid, quiet and does what its comments say."""

from pathlib import Path

import pytest

from shared.dialplan import Hangup, Transfer, load, may_dial, variables, warnings
from workers.logic.routing_rules import Incoming, first_match

PLAN = load(Path(__file__).parents[2] / "dialplan.toml").plan


@pytest.mark.parametrize(
    ("to", "from_", "rule"),
    [
        ("+13125550100", "+12025550142", "clinic"),
        ("+13125550200", "+12025550142", "sales"),
        ("+13125550400", "+12025550142", "bakery: opening hours"),
        ("+13125550100", "+19005550142", "blocked callers"),
        ("+13125559999", "+12025550142", None),
    ],
)
def test_each_number_has_its_business(to, from_, rule):
    assert first_match(PLAN, Incoming(to, from_, "1")).rule == rule


def test_it_gives_no_warning():
    assert warnings(PLAN) == []


def test_reminders_speak_to_humans_and_hang_up_on_machines():
    reminder = PLAN.outbound["reminder"]

    assert variables(reminder) == {"name", "when"}
    assert reminder.human.then == Transfer("+13125550111")
    assert reminder.branch("machine") == Hangup()
    assert reminder.branch("not_sure") == reminder.human


def test_it_names_a_policy_that_exists_and_members_that_may_be_dialled():
    members = PLAN.groups[PLAN.rules[2].then.group].members

    assert PLAN.recording[PLAN.rules[1].then.record].announce == "This call may be recorded."
    assert len(members) == 3
    assert all(may_dial(PLAN, member) for member in members)
