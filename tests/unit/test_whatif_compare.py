"""A recorded call under another dialplan: whether it would go elsewhere, and the first thing that differs."""

import msgspec
import pytest

from console.whatif.beginning import Began
from console.whatif.compare import Difference, difference, really_went, went
from console.whatif.follows import Command
from shared import dialplan
from shared.calls import Request
from shared.numbers import masked
from tests.builders import CALL, CLINIC, PLAN_HASH, Told, initiated, plan
from workers.logic.decision import Around
from workers.logic.happened import CallRequested

TO = "+442071838750"
TABLES = """
[limits]
allow = ["+1*", "+44*"]
[schedules.day]
open = { mon-sun = ["00:00-12:00"] }
[recording.kept]
start = "bridge"
keep_days = 90
[voicemail.clinic]
greeting = { say = "Leave a message." }
[groups.sales]
members = ["+13125550211", "+13125550212"]
"""
TRANSFER = 'then = { do = "transfer", to = "+13125550111", record = "kept" }'
RING = 'then = { do = "ring", group = "sales", otherwise = { do = "voicemail", box = "clinic" } }'
REMINDER = """
[outbound.reminder]
from = "+13125550300"
human = { do = "say", text = "Hello {name}." }
"""


def rule(then, name="clinic", when=f'to = "{CLINIC}"'):
    return f'[[rules]]\nname = "{name}"\nwhen = {{ {when} }}\n{then}\n'


def incoming(under):
    """A call that came in under a plan, and the first commands that it got."""
    event = initiated(at=1_795_000_000.0)
    told = Told(under).tell(event)
    return Began(told.call, event), sent(told)


def requested(under):
    event = CallRequested(Request(CALL, "reminder", TO, {"name": "Ana"}, PLAN_HASH), 1_795_000_000.0)
    told = Told(under).tell(event)
    return Began(told.call, event), sent(told)


def sent(told):
    bodies = ((out.verb, msgspec.to_builtins(out.command)) for out in told.sent)
    ours = {"client_state", "target_leg_client_state"}
    return tuple(Command(verb, fields={k: v for k, v in body.items() if k not in ours}) for verb, body in bodies)


def unlike(old, new, call=incoming, hooks=None, show=str):
    began, commands = call(old)
    return difference(really_went(old, began, commands), went(new, began, Around(hooks=hooks or {})), show)


def plan_of(then, *change):
    """A plan with one rule, and something else in its tables."""
    return plan(rule(then), TABLES.replace(*change) if change else TABLES)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(plan_of(TRANSFER), plan_of(TRANSFER), None, id="nothing differs"),
        pytest.param(
            plan_of(TRANSFER),
            plan_of(TRANSFER.replace("111", "112")),
            Difference("destination", "then.to", "+13125550111", "+13125550112"),
            id="another number",
        ),
        pytest.param(
            plan_of(TRANSFER),
            plan_of('then = { do = "voicemail", box = "clinic" }'),
            Difference("action", "then", "transfer to +13125550111", "voicemail"),
            id="another action",
        ),
        pytest.param(
            plan_of(TRANSFER),
            plan_of(TRANSFER.replace(" }", ", ring_secs = 10 }")),
            Difference("action", "then.ring_secs", "30", "10"),
            id="against a default that is not written",
        ),
        pytest.param(
            plan_of(RING),
            plan_of(RING, "0212", "0213"),
            Difference(
                "destination", "then.group.members", "+13125550211, +13125550212", "+13125550211, +13125550213"
            ),
            id="another member of the group that is named as before",
        ),
        pytest.param(
            plan_of(RING),
            plan_of(RING, "Leave", "Please leave"),
            Difference("action", "then.otherwise.box.greeting.say", "Leave a message.", "Please leave a message."),
            id="another greeting, deep in the tree",
        ),
        pytest.param(
            plan_of(RING),
            plan_of(RING.replace(', otherwise = { do = "voicemail", box = "clinic" }', "")),
            Difference("action", "then.otherwise", "voicemail", "nothing"),
            id="no otherwise any more",
        ),
        pytest.param(
            plan_of(TRANSFER),
            plan_of(TRANSFER, "keep_days = 90", "keep_days = 30"),
            Difference("action", "then.record.keep_days", "90", "30"),
            id="kept for another time",
        ),
        pytest.param(
            plan_of(RING),
            plan_of(RING.replace("sales", "team"), "groups.sales", "groups.team"),
            None,
            id="a group of another name",
        ),
    ],
)
def test_the_first_thing_that_differs_is_found_in_the_whole_tree(old, new, expected):
    assert unlike(old, new) == expected


def test_another_rule_is_told_with_what_it_does_otherwise():
    old = plan_of(TRANSFER)
    hours = rule(RING, "clinic: morning", f'to = "{CLINIC}", schedule = "day"')

    assert unlike(old, plan(hours + rule(TRANSFER), TABLES)) == Difference(
        "rule", "then", "transfer to +13125550111", "ring +13125550211, +13125550212"
    )


@pytest.mark.parametrize("name", ["clinic: by day", "[default]"])
def test_another_rule_that_does_the_same_is_still_another_rule(name):
    assert unlike(plan_of(TRANSFER), plan(rule(TRANSFER, name), TABLES)) == Difference("rule")


def test_a_schedule_is_judged_when_the_call_came():
    noon = 'open = { mon-sun = ["00:00-12:00"] }'
    rules = rule(RING, "open", 'schedule = "day"') + rule(TRANSFER, "closed")
    began, _ = incoming(plan(""))  # at 11:06:40 UTC

    for until, taken in (("11:06", "closed"), ("11:07", "open")):
        tables = TABLES.replace(noon, f'open = {{ mon-sun = ["00:00-{until}"] }}')

        assert went(plan(rules, tables), began).rule == taken


HOOK = 'then = { do = "hook", call = "hooks:choose" }'


def test_a_hook_that_now_chooses_otherwise_is_seen_by_its_commands():
    under = plan_of(HOOK)

    def call(under):
        began, _ = incoming(under)
        return began, (Command("answer"),)

    def refuses(_call, _now):
        return dialplan.Reject("USER_BUSY")

    assert unlike(under, under, call, {"hooks:choose": refuses}) == Difference(
        "commands", "", "answer", "reject: cause USER_BUSY"
    )
    assert unlike(under, under, call, {"hooks:choose": lambda *_: dialplan.Transfer("+13125550111")}) is None


def test_a_call_that_has_sent_nothing_yet_is_compared_by_what_it_waits_for():
    under = plan_of(HOOK)

    assert unlike(under, under, lambda under: (incoming(under)[0], None)) is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", None),
        ("dials_per_sec = 1.0", "max_live = 3", None),
        ("", "ring_secs = 10", Difference("action", "ring_secs", "30", "10")),
        ("", 'connection = "29"', Difference("action", "connection", "nothing", "29")),
        (
            "",
            'machine = { do = "leave_message", text = "Hello." }\namd = { mode = "premium" }',
            Difference(
                "action", "amd", "nothing", '{"mode":"premium","decide_within_secs":8,"greeting_within_secs":30}'
            ),
        ),
        ("", 'schedule = "day"', None),
        ("", 'schedule = "day"\nclock = "recipient"', None),
    ],
)
def test_a_call_of_ours_is_compared_by_all_of_its_profile_but_the_pace(old, new, expected):
    begins = [plan("", f"{TABLES}{REMINDER}{text}") for text in (old, new)]

    assert unlike(*begins, requested) == expected


def test_a_call_of_ours_that_would_wait_for_its_hours_is_dialled_another_time():
    noon = TABLES.replace("00:00-12:00", "11:30-12:00")
    old, new = plan("", TABLES + REMINDER), plan("", f'{noon}{REMINDER}schedule = "day"')

    assert unlike(old, new, requested) == Difference("action", "dialled", "at once", "2026-11-18 11:30 UTC")


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (TABLES, "no [outbound] profile has this name; known: none"),
        (TABLES.replace(', "+44*"', "") + REMINDER, "`to` is not an allowed destination"),
        (TABLES + REMINDER.replace("{name}", "{name} at {when}"), "missing variables: when"),
    ],
)
def test_a_call_of_ours_that_would_be_refused_is_told_with_the_reason(new, why):
    found = unlike(plan("", TABLES + REMINDER), plan("", new), requested)

    assert (found.kind, found.at, found.old) == ("action", "", "call")
    assert found.new.startswith(f"refused: {why}")


def test_numbers_are_masked_where_that_is_wanted():
    new = plan_of(TRANSFER.replace("+13125550111", "sip:ana@example.com"), "+44*", "sip:*")

    differs = unlike(plan_of(TRANSFER), new, show=masked)

    assert differs == Difference("destination", "then.to", "+1•••11", "sip:•••@example.com")
