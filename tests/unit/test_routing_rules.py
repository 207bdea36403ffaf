"""The first rule whose every key holds takes the call."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialplan import Default, Hangup, Plan, Reject, Rule, Schedule, Transfer, When
from workers.logic.routing_rules import Incoming, Match, Miss, first_match

MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC).timestamp()
CALL = Incoming(
    to="+13125550100",
    from_="+12025550142",
    connection="2900000000000000001",
    at=MONDAY_NOON,
    attestation="B",
    tags=("vip", "spanish"),
    headers=(("X-Tier", "gold"), ("X-Tier", "old"), ("X-Empty", "")),
)
HOURS = {"weekday": Schedule({"mon-fri": ("08:00-18:00",)}), "weekend": Schedule({"sat-sun": ("08:00-18:00",)})}


def plan(*rules):
    return Plan(version=1, timezone="UTC", schedules=HOURS, rules=rules, default=Default(Reject("USER_BUSY")))


def rule(name, **when):
    return Rule(name, When(**when), Transfer("+13125550111"))


def call(**changes):
    return msgspec.structs.replace(CALL, **changes)


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"to": ("+13125550100",)},
        {"to": ("+44*", "+1312*")},
        {"from_": ("+1202*",)},
        {"connection": ("1", "2900000000000000001")},
        {"schedule": ("weekday",)},
        {"schedule": ("weekend", "weekday")},
        {"attestation": ("A", "B")},
        {"tags": ("gold", "vip")},
        {"header": {"X-Tier": ("gold",)}},
        {"header": {"x-tier": ("silver", "old")}},
        {"header": {"X-Tier": ("gold",), "X-EMPTY": ("",)}},
        {
            "to": ("+13125550100",),
            "from_": ("*",),
            "connection": ("2900000000000000001",),
            "schedule": ("weekday",),
            "attestation": ("B",),
            "tags": ("spanish",),
            "header": {"X-Tier": ("gold",)},
        },
    ],
)
def test_a_rule_takes_the_call_when_all_its_keys_hold(when):
    assert first_match(plan(rule("a", **when)), CALL) == Match("a", Transfer("+13125550111"), ())


@pytest.mark.parametrize(
    ("when", "key", "detail"),
    [
        ({"to": ("+13125550101",)}, "to", "another number was called"),
        ({"from_": ("anonymous",)}, "from", "another number calls"),
        ({"connection": ("29",)}, "connection", "the call came over 2900000000000000001"),
        ({"schedule": ("weekend",)}, "schedule", "weekend closed on Mon 2026-03-02 at 12:00 (UTC)"),
        ({"attestation": ("A", "none")}, "attestation", "the call has B, not A or none"),
        ({"tags": ("gold", "silver")}, "tags", "the call is not tagged gold or silver"),
        ({"header": {"X-Tier": ("silver",)}}, "header", "X-Tier has another value"),
        ({"header": {"X-Tier": ("Gold",)}}, "header", "X-Tier has another value"),
        ({"header": {"X-Tier": ("gold",), "X-Team": ("a",)}}, "header", "the call has no X-Team"),
        ({"to": ("+1312*",), "from_": ("+44*",)}, "from", "another number calls"),
        ({"to": ("+44*",), "from_": ("+44*",), "connection": ("1",)}, "to", "another number was called"),
        ({"to": ("+1312*",), "tags": ("gold",), "attestation": ("A",)}, "attestation", "the call has B, not A"),
    ],
)
def test_the_first_key_that_does_not_hold_is_named_with_the_reason(when, key, detail):
    match = first_match(plan(rule("a", **when)), CALL)

    assert match == Match(None, Reject("USER_BUSY"), (Miss("a", key, detail),))


def test_the_first_of_several_rules_wins_and_the_earlier_ones_are_explained():
    match = first_match(plan(rule("a", to=("+44*",)), rule("b", from_=("+44*",)), rule("c"), rule("d")), CALL)

    assert match.rule == "c"
    assert [(miss.rule, miss.key) for miss in match.why] == [("a", "to"), ("b", "from")]


def test_without_rules_the_default_answers():
    assert first_match(plan(), CALL) == Match(None, Reject("USER_BUSY"), ())


@pytest.mark.parametrize("caller", ["anonymous", "", "Restricted", "sip:anonymous@anonymous.invalid"])
def test_a_hidden_caller_is_anonymous(caller):
    assert first_match(plan(rule("hidden", from_=("+1*", "anonymous"))), call(from_=caller)).rule == "hidden"


def test_a_hidden_caller_is_told_to_be_one():
    match = first_match(plan(rule("a", from_=("+1*",))), call(from_="anonymous"))

    assert match.why == (Miss("a", "from", "the caller's number is withheld"),)


@pytest.mark.parametrize(
    ("pattern", "caller", "rule_of_it"),
    [
        ("sip:ana@example.com", "sip:ana@example.com", "a"),
        ("sip:ana@example.com", "sip:ana@EXAMPLE.com", "a"),
        ("sip:*@Example.com", "sip:ana@example.com", "a"),
        ("sip:*", "sip:ana@example.com", "a"),
        ("sip:ana@example.com", "sip:Ana@example.com", None),  # the user part has case
        ("sip:*@example.com", "sip:ana@example.com.invalid", None),
    ],
)
def test_the_host_of_a_sip_uri_has_no_case(pattern, caller, rule_of_it):
    assert first_match(plan(rule("a", from_=(pattern,))), call(from_=caller)).rule == rule_of_it
    assert first_match(plan(rule("a", to=(pattern,))), call(to=caller)).rule == rule_of_it


@pytest.mark.parametrize("absent", [None, ""])
def test_a_call_without_attestation_has_none(absent):
    match = first_match(plan(rule("a", attestation=("none",))), call(attestation=absent))

    assert match.rule == "a"


def test_a_schedule_is_judged_when_the_call_comes():
    rules = plan(rule("open", schedule=("weekday",)), rule("closed"))

    assert first_match(rules, CALL).rule == "open"
    assert first_match(rules, call(at=MONDAY_NOON + 6 * 3600)).rule == "closed"


def test_what_is_not_known_of_a_call_matches_no_key_that_asks_for_it():
    bare = Incoming(to="+13125550100", from_="+12025550142", connection="1")
    asking = [{"tags": ("vip",)}, {"header": {"X-Tier": ("",)}}, {"attestation": ("A", "B", "C")}]

    assert [first_match(plan(rule("a", **when)), bare).rule for when in asking] == [None, None, None]


def test_no_number_is_told_in_the_reasons():
    numbers = {"to": ("+13125550199",)}, {"from_": ("+13125550199",)}, {"header": {"Diversion": ("+13125550199",)}}
    diverted = call(headers=(("Diversion", "+13125550142"),))

    match = first_match(plan(*(rule("a", **when) for when in numbers)), diverted)

    assert len(match.why) == 3
    assert "555" not in str(match.why)


CONDITIONS = st.builds(
    When,
    to=st.lists(st.sampled_from(["+1*", "+2*", "+12", "*"]), max_size=2).map(tuple),
    from_=st.lists(st.sampled_from(["+1*", "anonymous", "+21"]), max_size=2).map(tuple),
    connection=st.lists(st.sampled_from(["1", "2"]), max_size=2).map(tuple),
    schedule=st.lists(st.sampled_from(["weekday", "weekend"]), max_size=1).map(tuple),
    attestation=st.lists(st.sampled_from(["A", "none"]), max_size=1).map(tuple),
    tags=st.lists(st.sampled_from(["x", "y"]), max_size=2).map(tuple),
    header=st.dictionaries(st.sampled_from(["X-A", "x-b"]), st.just(("1",)), max_size=1),
)
CALLS = st.builds(
    Incoming,
    to=st.sampled_from(["+12", "+21"]),
    from_=st.sampled_from(["+12", "+21", "anonymous"]),
    connection=st.sampled_from(["1", "2"]),
    at=st.floats(0, 4e9),
    attestation=st.sampled_from([None, "A", "C"]),
    tags=st.sampled_from([(), ("x",), ("x", "y")]),
    headers=st.sampled_from([(), (("x-a", "1"),), (("X-B", "2"), ("X-B", "1"))]),
)


@given(st.lists(CONDITIONS, max_size=5), CALLS)
def test_adding_rules_behind_never_changes_who_takes_a_call(conditions, call):
    rules = [Rule(str(number), when, Hangup()) for number, when in enumerate(conditions)]

    for length in range(len(rules)):
        before, after = first_match(plan(*rules[:length]), call), first_match(plan(*rules), call)

        assert before.rule is None or before == after
    assert len(first_match(plan(*rules), call).why) == int(first_match(plan(*rules), call).rule or len(rules))
