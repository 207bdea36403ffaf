"""The first rule whose every key holds takes the call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialplan import Default, Hangup, Plan, Reject, Rule, Transfer, When
from workers.logic.routing_rules import Incoming, Match, first_match

CALL = Incoming(to="+13125550100", from_="+12025550142", connection="2900000000000000001")


def plan(*rules):
    return Plan(version=1, timezone="UTC", rules=rules, default=Default(Reject("USER_BUSY")))


def rule(name, **when):
    return Rule(name, When(**when), Transfer("+13125550111"))


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"to": ("+13125550100",)},
        {"to": ("+44*", "+1312*")},
        {"from_": ("+1202*",)},
        {"connection": ("1", "2900000000000000001")},
        {"to": ("+13125550100",), "from_": ("*",), "connection": ("2900000000000000001",)},
    ],
)
def test_a_rule_takes_the_call_when_all_its_keys_hold(when):
    assert first_match(plan(rule("a", **when)), CALL) == Match("a", Transfer("+13125550111"), ())


@pytest.mark.parametrize(
    ("when", "key"),
    [
        ({"to": ("+13125550101",)}, "to"),
        ({"from_": ("anonymous",)}, "from"),
        ({"connection": ("29",)}, "connection"),
        ({"to": ("+1312*",), "from_": ("+44*",)}, "from"),
        ({"to": ("+44*",), "from_": ("+44*",), "connection": ("1",)}, "to"),
        ({"to": ("+1312*",), "from_": ("+1*",), "connection": ("1",)}, "connection"),
    ],
)
def test_the_first_key_that_does_not_hold_is_named(when, key):
    match = first_match(plan(rule("a", **when)), CALL)

    assert match == Match(None, Reject("USER_BUSY"), (f"a: {key} does not match",))


def test_the_first_of_several_rules_wins_and_the_earlier_ones_are_explained():
    match = first_match(plan(rule("a", to=("+44*",)), rule("b", from_=("+44*",)), rule("c"), rule("d")), CALL)

    assert match.rule == "c"
    assert match.why == ("a: to does not match", "b: from does not match")


def test_without_rules_the_default_answers():
    assert first_match(plan(), CALL) == Match(None, Reject("USER_BUSY"), ())


@pytest.mark.parametrize("caller", ["anonymous", "", "Restricted", "sip:anonymous@anonymous.invalid"])
def test_a_hidden_caller_is_anonymous(caller):
    hidden = Incoming(CALL.to, caller, CALL.connection)

    assert first_match(plan(rule("hidden", from_=("+1*", "anonymous"))), hidden).rule == "hidden"


def test_no_number_is_told_in_the_reasons():
    match = first_match(plan(rule("a", to=("+13125550199",)), rule("b", from_=("+13125550199",))), CALL)

    assert "555" not in "".join(match.why)


CONDITIONS = st.builds(
    When,
    to=st.lists(st.sampled_from(["+1*", "+2*", "+12", "*"]), max_size=2).map(tuple),
    from_=st.lists(st.sampled_from(["+1*", "anonymous", "+21"]), max_size=2).map(tuple),
    connection=st.lists(st.sampled_from(["1", "2"]), max_size=2).map(tuple),
)
CALLS = st.builds(
    Incoming,
    to=st.sampled_from(["+12", "+21"]),
    from_=st.sampled_from(["+12", "+21", "anonymous"]),
    connection=st.sampled_from(["1", "2"]),
)


@given(st.lists(CONDITIONS, max_size=5), CALLS)
def test_adding_rules_behind_never_changes_who_takes_a_call(conditions, call):
    rules = [Rule(str(number), when, Hangup()) for number, when in enumerate(conditions)]

    for length in range(len(rules)):
        before, after = first_match(plan(*rules[:length]), call), first_match(plan(*rules), call)

        assert before.rule is None or before == after
    assert len(first_match(plan(*rules), call).why) == int(first_match(plan(*rules), call).rule or len(rules))
