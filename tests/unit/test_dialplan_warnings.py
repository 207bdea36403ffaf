"""What a dialplan may say but can hardly mean."""

import pytest

from shared.dialplan import parse, warnings

HEAD = 'version = 1\ntimezone = "UTC"\n[default]\nthen = { do = "reject" }\n'


def rules(*conditions, then='{ do = "hangup" }'):
    return HEAD + "".join(
        f'[[rules]]\nname = "{name}"\nwhen = {when}\nthen = {then}\n'
        for name, when in zip("abc", conditions, strict=False)
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("{}", '{ to = "+13125550100" }'),
        ("{}", "{}"),
        ('{ to = "+1312*" }', '{ to = "+13125550100" }'),
        ('{ to = "+1312*" }', '{ to = "+13125*" }'),
        ('{ to = "*" }', '{ to = ["+1*", "sip:ana@example.com"] }'),
        ('{ to = ["+44*", "+1312*"] }', '{ to = ["+13125550100", "+441"] }'),
        ('{ to = "+1312*" }', '{ to = "+13125550100", from = "anonymous" }'),
        ('{ from = "anonymous" }', '{ from = "anonymous", connection = "1" }'),
        ('{ connection = ["1", "2"] }', '{ connection = "2" }'),
    ],
)
def test_a_rule_behind_a_wider_one_is_never_reached(earlier, later):
    told = warnings(parse(rules(earlier, later)))

    assert told == ['[[rules]] "b": never reached: "a" takes every call it could']


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ('{ to = "+13125550100" }', "{}"),
        ('{ to = "+13125550100" }', '{ to = ["+13125550100", "+13125550101"] }'),
        ('{ to = "+13125*" }', '{ to = "+1312*" }'),
        ('{ to = "+1312*", from = "+1*" }', '{ to = "+1312*" }'),
        ('{ to = "+1312*" }', '{ from = "+1312*" }'),
        ('{ from = "+1*" }', '{ from = "anonymous" }'),
        ('{ connection = "1" }', '{ connection = "12" }'),
    ],
)
def test_a_rule_that_can_still_be_reached_is_no_warning(earlier, later):
    assert warnings(parse(rules(earlier, later))) == []


def test_only_unreachable_rules_are_named_and_once():
    told = warnings(parse(rules('{ to = "+1312*" }', '{ to = ["+44*", "+1*"] }', '{ to = "+13125550100" }')))

    assert told == ['[[rules]] "c": never reached: "a" takes every call it could']


def test_a_reject_after_an_answer_is_too_late():
    late = '{ do = "transfer", to = "+13125550111", otherwise = { do = "reject" } }'

    told = warnings(parse(rules('{ to = "+1312*" }', then=late)))

    assert told == [
        '[[rules]] "a" then.otherwise: reject comes too late, the call is answered by then: it is hung up instead'
    ]


def test_a_reject_of_our_own_call_is_too_late():
    plan = parse(HEAD + '[outbound.x]\nfrom = "+13125550300"\nhuman = { do = "reject" }\n')

    assert warnings(plan) == [
        "[outbound.x] human: reject comes too late, the call is answered by then: it is hung up instead"
    ]


def test_a_reject_at_once_is_no_warning():
    assert warnings(parse(rules('{ to = "+1312*" }', then='{ do = "reject" }'))) == []
