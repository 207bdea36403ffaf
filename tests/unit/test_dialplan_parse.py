"""What a good dialplan becomes, and that it survives storage."""

import hashlib
import re
from typing import Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialplan import (
    Action,
    Amd,
    Answer,
    Branch,
    Default,
    Group,
    Hangup,
    Limits,
    Outbound,
    Plan,
    RecordingPolicy,
    Reject,
    Ring,
    Rule,
    Say,
    Transfer,
    When,
    connections,
    load,
    parse,
    warnings,
)
from shared.dialplan.schema import ACTIONS
from shared.dialplan.wording import expected
from shared.errors import DialplanError

SMALLEST = 'version = 1\ntimezone = "UTC"\n[default]\nthen = { do = "hangup" }\n'
EVERY_KEY = """\
version = 1
timezone = "Europe/Zurich"
voice = "male"
language = "de-DE"
recording.all = { start = "answer", channels = "single", format = "wav", announce = "Recorded." }
groups.sales = { members = ["+13125550211", "sip:ana@sales.sip.telnyx.com"], strategy = "simultaneous", \
ring_secs = 5, accept = "any" }
limits = { allow = ["+1*", "sip:*@sales.sip.telnyx.com"], commands_per_call = 1 }

[[rules]]
name = "everything"
when.to = ["+13125550100", "+1312555*", "sip:desk@example.com"]
when.from = "anonymous"
when.connection = "2900000000000000001"
[rules.then]
do = "answer"
[rules.then.then]
do = "say"
text = "Hello."
[rules.then.then.then]
do = "ring"
group = "sales"
caller_id = "caller"
record = "all"
[rules.then.then.then.otherwise]
do = "transfer"
to = "+13125550111"
ring_secs = 600
caller_id = "caller"
record = "all"
otherwise = { do = "reject", cause = "NOT_FOUND" }

[outbound.reminder]
from = "+13125550300"
connection = "2900000000000000002"
ring_secs = 45
amd = { mode = "premium", decide_within_secs = 60 }
human = { do = "say", text = "Hello {name}." }
machine = { do = "say", text = "Machine." }
fax = { do = "hangup" }
silence = { do = "say", text = "Silence." }
not_sure = { do = "say", text = "Not sure." }

[default]
then = { do = "hangup" }
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

    assert plan.recording["all"] == RecordingPolicy("bridge", "dual", "mp3", None)
    assert plan.groups["sales"] == Group(("+13125550211",), "simultaneous", 20, "any")
    assert plan.rules[0].then == Transfer(
        "+13125550111", 30, "business", None, Ring("sales", "business", None, None)
    )
    assert plan.rules[1].then == Reject("CALL_REJECTED")
    assert plan.outbound["x"] == Outbound("+13125550300", Say("Hello.", None), None, 30, Amd("premium", 8))


def test_every_key_is_read():
    plan = parse(EVERY_KEY)

    overflow = Transfer("+13125550111", 600, "caller", "all", Reject("NOT_FOUND"))
    assert plan.rules == (
        Rule(
            "everything",
            When(
                ("+13125550100", "+1312555*", "sip:desk@example.com"),
                ("anonymous",),
                ("2900000000000000001",),
            ),
            Answer(Say("Hello.", Ring("sales", "caller", "all", overflow))),
        ),
    )
    assert plan.recording == {"all": RecordingPolicy("answer", "single", "wav", "Recorded.")}
    assert plan.limits == Limits(("+1*", "sip:*@sales.sip.telnyx.com"), 1)
    assert plan.outbound["reminder"].amd == Amd("premium", 60)


def test_a_single_value_is_a_list_of_one():
    rule = '[[rules]]\nname = "a"\nwhen = { from = %s }\nthen = { do = "hangup" }\n'

    assert parse(SMALLEST + rule % '"+1900*"').rules[0].when == When(from_=("+1900*",))
    assert parse(SMALLEST + rule % '["+1900*"]').rules[0].when == When(from_=("+1900*",))


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
        ("machine", Say("Machine."), Hangup()),
        ("fax", Hangup(), Hangup()),
        ("silence", Say("Silence."), Hangup()),
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
    *((("rules", 0, "then"), action) for action in ACTIONS),
]


@pytest.mark.parametrize(("path", "struct"), STRUCTS, ids=[struct.__name__ for _, struct in STRUCTS])
def test_every_key_has_its_choices_in_words(path, struct):
    for field in msgspec.structs.fields(struct):
        told = expected((*path, field.encode_name))
        choices = [str(choice) for choice in get_args(field.type)] if get_origin(field.type) is Literal else []

        assert told
        assert all(choice in told for choice in choices)
