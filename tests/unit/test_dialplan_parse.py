"""What a good dialplan becomes, and that it survives storage."""

import hashlib
import re
from datetime import date
from typing import Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialplan import (
    Action,
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
    load,
    parse,
    warnings,
)
from shared.dialplan.schema import ACTIONS, NAMED_TABLES
from shared.dialplan.wording import expected
from shared.errors import DialplanError

TABLES = (*NAMED_TABLES.values(), Plan, Rule, When, Limits, Amd, Greeting, Default, *ACTIONS)
SMALLEST = 'version = 1\ntimezone = "UTC"\n[default]\nthen = { do = "hangup" }\n'
EVERY_KEY = """\
version = 1
timezone = "Europe/Zurich"
voice = "male"
language = "de-DE"
schedules.shop = { open = { mon-fri = ["08:00-12:00", "22:00-02:00"], sat = ["10:00-24:00"] }, \
closed = [2026-12-25] }
recording.all = { start = "answer", channels = "single", format = "wav", announce = "Recorded.", keep_days = 90 }
voicemail.desk = { greeting = { say = "Hello." }, max_secs = 60, record = "all" }
voicemail.shop = { greeting = { play = "https://example.com/hello.mp3" } }
groups.sales = { members = ["+13125550211", "sip:ana@sales.sip.telnyx.com"], strategy = "round_robin", \
ring_secs = 5, accept = "press_1", prompt = "Press 1." }
limits = { allow = ["+1*", "sip:*@sales.sip.telnyx.com"], dials_per_minute = 2, commands_per_call = 1 }

[[rules]]
name = "everything"
when.to = ["+13125550100", "+1312555*", "sip:desk@example.com"]
when.from = "anonymous"
when.connection = "2900000000000000001"
when.schedule = "shop"
when.attestation = ["C", "none"]
when.tags = "vip"
when.header = { "X-Tier" = "gold", "X-Team" = ["a", "b"] }
[rules.then]
do = "answer"
[rules.then.then]
do = "say"
text = "Hello."
[rules.then.then.then]
do = "play"
url = "https://example.com/wait.mp3"
[rules.then.then.then.then]
do = "ring"
group = "sales"
caller_id = "caller"
record = "all"
[rules.then.then.then.then.otherwise]
do = "transfer"
to = "+13125550111"
ring_secs = 600
caller_id = "caller"
record = "all"
otherwise = { do = "voicemail", box = "desk" }

[[rules]]
name = "hook"
when = {}
then = { do = "hook", call = "hooks.sales:overflow" }

[outbound.reminder]
from = "+13125550300"
connection = "2900000000000000002"
ring_secs = 45
schedule = "shop"
clock = "recipient"
dials_per_sec = 2.5
max_live = 8
attempts = 3
retry_after = { busy = "15m", no_answer = "2h" }
on_outcome = "hooks:called"
dnc = false
amd = { mode = "premium", decide_within_secs = 60, greeting_within_secs = 120 }
human = { do = "say", text = "Hello {name}." }
machine = { do = "leave_message", text = "Machine." }
fax = { do = "hangup" }
silence = { do = "leave_message", url = "https://example.com/a.mp3" }
not_sure = { do = "say", text = "Not sure." }

[default]
then = { do = "reject", cause = "NOT_FOUND" }
"""


def test_the_smallest_dialplan_has_the_documented_defaults():
    plan = parse(SMALLEST)

    assert plan == Plan(version=1, timezone="UTC", default=Default(Hangup()))
    assert (plan.voice, plan.language, plan.rules, plan.outbound, plan.limits) == ("", "en-US", (), {}, Limits())


def test_defaults_of_tables_and_actions():
    plan = parse(
        SMALLEST.replace("[default]", 'voice = "female"\n[default]')
        + """
        [recording.all]
        start = "bridge"
        [schedules.shop]
        open.mon = ["08:00-12:00"]
        [voicemail.desk]
        greeting.say = "Hello."
        [groups.sales]
        members = ["+13125550211"]
        [[rules]]
        name = "a"
        when = {}
        then = { do = "transfer", to = "+13125550111", otherwise = { do = "ring", group = "sales" } }
        [[rules]]
        name = "b"
        when = {}
        then = { do = "reject" }
        [outbound.x]
        from = "+13125550300"
        human = { do = "say", text = "Hello." }
        amd = { mode = "premium" }
        """
    )

    assert plan.recording["all"] == RecordingPolicy("bridge", "dual", "mp3", None, None)
    assert plan.voicemail["desk"] == Box(Greeting("Hello.", None), 120, None)
    assert plan.schedules["shop"] == Schedule({"mon": ("08:00-12:00",)}, ())
    assert plan.groups["sales"] == Group(
        ("+13125550211",), "simultaneous", 20, "any", "You have a call. Press 1 to take it."
    )
    assert plan.rules[0].then == Transfer(
        "+13125550111", 30, "business", None, Ring("sales", "business", None, None)
    )
    assert plan.rules[1].then == Reject("CALL_REJECTED")
    assert plan.outbound["x"] == Outbound(
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


@pytest.mark.parametrize("text", [SMALLEST, EVERY_KEY], ids=["smallest", "every key"])
def test_a_plan_survives_storage(text):
    plan = parse(text)

    stored = msgspec.msgpack.encode(plan)

    assert msgspec.msgpack.decode(stored, type=Plan) == plan


@pytest.mark.parametrize(
    "action",
    [
        Reject("USER_BUSY"),
        Hangup(),
        Answer(Hangup()),
        Transfer("+13125550111", record="all", otherwise=Say("Hello.")),
        Ring("sales", otherwise=Transfer("sip:ana@example.com")),
        Say("", Hangup()),  # a text may become empty when it is filled, and must still be readable
        Say("a" * 10_000),
        Play("https://example.com/a.mp3", Voicemail("desk")),
        LeaveMessage(""),
        LeaveMessage(url="https://example.com/a.mp3"),
        Hook("hooks:overflow"),
    ],
    ids=lambda action: type(action).__name__,
)
def test_an_action_survives_storage(action):
    stored = msgspec.msgpack.encode(action)

    assert msgspec.msgpack.decode(stored, type=Action) == action


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


def test_a_loaded_plan_carries_its_text_and_the_hash_of_its_bytes(tmp_path):
    path = tmp_path / "plan.toml"
    content = SMALLEST.replace("\n", "\r\n").encode()
    path.write_bytes(content)

    loaded = load(path)

    assert loaded.hash == hashlib.sha256(content).hexdigest()[:16]
    assert loaded.text.encode() == content
    assert loaded.plan == parse(loaded.text)


TOKENS = list(re.finditer(r'"[^"\n]*"|\b[0-9]+\b|\{[^{}\n]*\}|\[[^\[\]\n]*\]|\w+(?= =)', EVERY_KEY))
JUNK = [
    '""',
    '"x"',
    "0",
    "-1",
    "true",
    "1.5",
    "2026-12-25",
    "[]",
    "{}",
    "[{}]",
    '{ do = "x" }',
    "when",
    "[[rules]]",
]


@given(st.sampled_from(TOKENS), st.sampled_from(JUNK))
def test_no_mistake_shows_as_anything_but_one_line(token, junk):
    mangled = EVERY_KEY[: token.start()] + junk + EVERY_KEY[token.end() :]

    try:
        told = warnings(parse(mangled))
    except DialplanError as error:
        told = [str(error)]

    assert all(len(line.splitlines()) == 1 for line in told)


STRUCTS = [
    ((), Plan),
    (("rules", 0), Rule),
    (("rules", 0, "when"), When),
    (("recording", "x"), RecordingPolicy),
    (("groups", "x"), Group),
    (("limits",), Limits),
    (("outbound", "x"), Outbound),
    (("outbound", "x", "amd"), Amd),
    (("default",), Default),
    (("schedules", "x"), Schedule),
    (("voicemail", "x"), Box),
    (("voicemail", "x", "greeting"), Greeting),
    *((("rules", 0, "then"), action) for action in ACTIONS),
]


@pytest.mark.parametrize(("path", "struct"), STRUCTS, ids=[struct.__name__ for _, struct in STRUCTS])
def test_every_key_has_its_choices_in_words(path, struct):
    for field in msgspec.structs.fields(struct):
        told = expected((*path, field.encode_name))
        choices = [str(choice) for choice in get_args(field.type)] if get_origin(field.type) is Literal else []

        assert told
        assert all(choice in told for choice in choices)
