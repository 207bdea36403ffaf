"""What may be dialled: what the dialplan names or allows, and never an emergency number."""

import pytest

from shared.dialplan import may_dial, may_place_call, parse

PLAN = """\
version = 1
timezone = "UTC"
voice = "female"
[groups.sales]
members = ["+13125550211", "sip:ana@sales.sip.telnyx.com"]
[[rules]]
name = "a"
when = { to = "+13125550100" }
then = { do = "say", text = "Hello.", then = { do = "transfer", to = "+13125550111" } }
[outbound.reminder]
from = "+13125550300"
human = { do = "transfer", to = "+13125550112" }
[default]
then = { do = "ring", group = "sales", otherwise = { do = "transfer", to = "+13125550113" } }
"""
WITHOUT_ALLOW = parse(PLAN)
WITH_ALLOW = parse(PLAN + '[limits]\nallow = ["+1312*", "sip:*@sales.sip.telnyx.com"]\n')
WITH_EVERYTHING = parse(PLAN + '[limits]\nallow = ["*"]\n')


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+13125550211", True),
        ("sip:ana@sales.sip.telnyx.com", True),
        ("+13125550111", True),
        ("+13125550112", True),
        ("+13125550113", True),
        ("+13125550100", False),  # a number of ours is not a destination
        ("+13125550300", False),
        ("+13125550199", False),
        ("911", False),
    ],
)
def test_without_allow_only_destinations_of_the_dialplan_may_be_dialled(number, expected):
    assert may_dial(WITHOUT_ALLOW, number) is expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+13125550199", True),
        ("+13135550199", False),
        ("sip:bob@sales.sip.telnyx.com", True),
        ("sip:bob@sales.sip.telnyx.com.example.net", False),
        ("sip:bob@example.net;x=@sales.sip.telnyx.com", False),
        ("+1312", True),
        ("+1312abc", False),
        ("+13125550199\n", False),
        ("", False),
    ],
)
def test_with_allow_its_patterns_decide(number, expected):
    assert may_dial(WITH_ALLOW, number) is expected
    assert may_place_call(WITH_ALLOW, number) is expected


@pytest.mark.parametrize(
    "number", ["911", "+1911", "+44999", "sip:911@pbx.example.com", "sip:%39%31%31@example.com"]
)
def test_emergency_numbers_are_never_dialled(number):
    assert not may_dial(WITH_EVERYTHING, number)
    assert not may_place_call(WITH_EVERYTHING, number)


def test_calls_from_outside_need_allow():
    assert may_dial(WITHOUT_ALLOW, "+13125550111")
    assert not may_place_call(WITHOUT_ALLOW, "+13125550111")


def test_an_empty_allow_allows_nothing():
    plan = parse('version = 1\ntimezone = "UTC"\n[limits]\nallow = []\n[default]\nthen = { do = "hangup" }\n')

    assert not may_dial(plan, "+13125550111")
