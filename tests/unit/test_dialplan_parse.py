"""What a good dialplan becomes: every key is read, and what is left out has its default."""

import re
from datetime import date
from typing import get_args

import msgspec
import pytest

from shared.dialplan import (
    Amd,
    Answer,
    Box,
    Branch,
    Default,
    Greeting,
    Group,
    Hangup,
    Hook,
    LeaveMessage,
    Limits,
    Outbound,
    Plan,
    Play,
    RecordingPolicy,
    Reject,
    Ring,
    Rule,
    Say,
    Schedule,
    Transfer,
    Voicemail,
    When,
    connections,
    parse,
)
from shared.dialplan.schema import ACTIONS, NAMED_TABLES
from tests.dialplans import EVERY_KEY, EVERY_TABLE, SMALLEST

TABLES = (*NAMED_TABLES.values(), Plan, Rule, When, Limits, Amd, Greeting, Default, *ACTIONS)


def test_the_smallest_dialplan_has_the_documented_defaults():
    plan = parse(SMALLEST)

    assert plan == Plan(version=1, timezone="UTC", default=Default(Hangup()))
    assert (plan.voice, plan.language, plan.rules, plan.outbound, plan.limits) == ("", "en-US", (), {}, Limits())


def test_what_a_table_leaves_out_has_the_documented_default():
    plan = parse(EVERY_TABLE)

    assert plan.recording["all"] == RecordingPolicy("bridge", "dual", "mp3", None, None)
    assert plan.voicemail["desk"] == Box(Greeting("Hello.", None), 120, None)
    assert plan.schedules["shop"] == Schedule({"mon": ("08:00-12:00",)}, ())
    assert plan.groups["sales"] == Group(
        ("+13125550211",), "simultaneous", 20, "any", "You have a call. Press 1 to take it."
    )


def test_what_an_action_leaves_out_has_the_documented_default():
    transfer, reject = (rule.then for rule in parse(EVERY_TABLE).rules)

    assert transfer == Transfer("+13125550111", 30, "business", None, Ring("sales", "business", None, None))
    assert reject == Reject("CALL_REJECTED")


def test_what_a_profile_leaves_out_has_the_documented_default():
    assert parse(EVERY_TABLE).outbound["x"] == Outbound(
        "+13125550300",
        Say("Hello.", None),
        connection=None,
        ring_secs=30,
        schedule=None,
        clock="business",
        dials_per_sec=None,
        max_live=None,
        attempts=1,
        retry_after={},
        on_outcome=None,
        dnc=True,
        amd=Amd("premium", 8, 30),
    )


def test_every_key_is_read():
    plan = parse(EVERY_KEY)

    overflow = Transfer("+13125550111", 600, "caller", "all", Voicemail("desk"))
    ringing = Ring("sales", "caller", "all", overflow)
    when = When(
        to=("+13125550100", "+1312555*", "sip:desk@example.com"),
        from_=("anonymous",),
        connection=("2900000000000000001",),
        schedule=("shop",),
        attestation=("C", "none"),
        tags=("vip",),
        header={"X-Tier": ("gold",), "X-Team": ("a", "b")},
    )
    assert plan.rules == (
        Rule("everything", when, Answer(Say("Hello.", Play("https://example.com/wait.mp3", ringing)))),
        Rule("hook", When(), Hook("hooks.sales:overflow")),
    )
    hours = {"mon-fri": ("08:00-12:00", "22:00-02:00"), "sat": ("10:00-24:00",)}
    assert plan.schedules == {"shop": Schedule(hours, (date(2026, 12, 25),))}
    assert plan.recording == {"all": RecordingPolicy("answer", "single", "wav", "Recorded.", 90)}
    assert plan.voicemail == {
        "desk": Box(Greeting(say="Hello."), 60, "all"),
        "shop": Box(Greeting(play="https://example.com/hello.mp3")),
    }
    members = ("+13125550211", "sip:ana@sales.sip.telnyx.com")
    assert plan.groups == {"sales": Group(members, "round_robin", 5, "press_1", "Press 1.")}
    assert plan.limits == Limits(("+1*", "sip:*@sales.sip.telnyx.com"), 2, 1)
    assert plan.default == Default(Reject("NOT_FOUND"))


def test_every_key_of_a_profile_is_read():
    assert parse(EVERY_KEY).outbound == {
        "reminder": Outbound(
            "+13125550300",
            Say("Hello {name}."),
            "2900000000000000002",
            ring_secs=45,
            schedule="shop",
            clock="recipient",
            dials_per_sec=2.5,
            max_live=8,
            attempts=3,
            retry_after={"busy": "15m", "no_answer": "2h"},
            on_outcome="hooks:called",
            dnc=False,
            amd=Amd("premium", 60, 120),
            machine=LeaveMessage("Machine."),
            fax=Hangup(),
            silence=LeaveMessage(url="https://example.com/a.mp3"),
            not_sure=Say("Not sure."),
        )
    }


@pytest.mark.parametrize("struct", TABLES, ids=lambda struct: struct.__name__)
def test_every_key_stands_in_the_dialplan_with_every_key(struct):
    keys = [field.encode_name for field in msgspec.structs.fields(struct)]

    assert [key for key in keys if not re.search(rf"\b{key}\b", EVERY_KEY)] == []


def test_a_single_value_is_a_list_of_one():
    rule = '[[rules]]\nname = "a"\nwhen = { from = %s }\nthen = { do = "hangup" }\n'

    assert parse(SMALLEST + rule % '"+1900*"').rules[0].when == When(from_=("+1900*",))
    assert parse(SMALLEST + rule % '["+1900*"]').rules[0].when == When(from_=("+1900*",))


def test_a_single_value_of_a_header_is_a_list_of_one():
    rule = '[[rules]]\nname = "a"\nwhen.header = { header = "gold", X-Team = ["a"] }\nthen = { do = "hangup" }\n'

    assert parse(SMALLEST + rule).rules[0].when == When(header={"header": ("gold",), "X-Team": ("a",)})


@pytest.mark.parametrize("days", ["mon-fri", '"mon-fri"'])
def test_days_may_be_quoted(days):
    shop = parse(f'{SMALLEST}[schedules.shop.open]\n{days} = ["08:00-12:00"]\n').schedules["shop"]

    assert shop == Schedule({"mon-fri": ("08:00-12:00",)})


@pytest.mark.parametrize(
    ("branch", "written", "unwritten"),
    [
        ("human", Say("Hello {name}."), Say("Hello {name}.")),
        ("machine", LeaveMessage("Machine."), Hangup()),
        ("fax", Hangup(), Hangup()),
        ("silence", LeaveMessage(url="https://example.com/a.mp3"), Hangup()),
        ("not_sure", Say("Not sure."), Say("Hello {name}.")),
    ],
)
def test_a_branch_that_is_not_written_has_its_default(branch, written, unwritten):
    full = parse(EVERY_KEY).outbound["reminder"]
    bare = Outbound(full.from_, full.human, amd=full.amd)

    assert full.branch(branch) == written
    assert bare.branch(branch) == unwritten


def test_every_branch_is_covered_above():
    assert set(get_args(Branch)) == {"human", "machine", "fax", "silence", "not_sure"}


def test_the_connections_of_rules_and_profiles_are_ours():
    assert connections(parse(EVERY_KEY)) == {"2900000000000000001", "2900000000000000002"}
    assert connections(parse(SMALLEST)) == frozenset()
