"""What a dialplan may say but can hardly mean."""

import pytest

from shared.dialplan import parse, warnings

HEAD = 'version = 1\ntimezone = "UTC"\nvoice = "female"\n'
DEFAULT = '[default]\nthen = { do = "reject" }\n'
HOURS = (
    'schedules.day.open = { mon-fri = ["08:00-18:00"] }\nschedules.night.open = { mon-fri = ["18:00-08:00"] }\n'
)
ALLOW = '[limits]\nallow = ["+1*"]\n'
UNHEARD = 'amd mode "detect" reports no greeting\'s end: spoken 30 s (greeting_within_secs) after the verdict'
CALLED_BACK = '[[rules]]\nname = "back"\nwhen = { to = "+13125550300" }\nthen = { do = "hangup" }\n'


def rules(*conditions, then='{ do = "hangup" }'):
    return "".join(
        f'[[rules]]\nname = "{name}"\nwhen = {when}\nthen = {then}\n'
        for name, when in zip("abc", conditions, strict=False)
    )


def outbound(*lines):
    profile = ("[outbound.x]", 'from = "+13125550300"', 'human = { do = "hangup" }', *lines, "")
    return ALLOW + CALLED_BACK + "\n".join(profile)


def told_of(more):
    return warnings(parse(HEAD + more + DEFAULT))


def asks(keys):
    return f"every rule of this number asks for more ({keys}): other calls to it get [default]"


def unreached(more):
    """The warnings of this kind, as the conditions of these tests give others too."""
    return [told for told in told_of(more) if "never reached" in told]


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
        ('{ schedule = ["day", "night"] }', '{ schedule = "night", from = "+1*" }'),
        ('{ attestation = ["C", "none"] }', '{ attestation = "C" }'),
        ('{ tags = ["vip", "gold"] }', '{ tags = ["gold"] }'),
        ('{ header = { X-Tier = ["gold", "silver"] } }', '{ header = { x-tier = "gold", X-Team = "a" } }'),
    ],
)
def test_a_rule_behind_a_wider_one_is_never_reached(earlier, later):
    told = unreached(HOURS + rules(earlier, later))

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
        ('{ schedule = "day" }', '{ schedule = "night" }'),
        ('{ schedule = "day" }', '{ schedule = ["day", "night"] }'),
        ('{ schedule = "day" }', "{}"),
        ('{ attestation = "C" }', '{ attestation = ["C", "none"] }'),
        ('{ tags = "vip" }', '{ tags = ["vip", "gold"] }'),
        ('{ header = { X-Tier = "gold" } }', '{ header = { X-Tier = "silver" } }'),
        ('{ header = { X-Tier = "gold" } }', '{ header = { X-Team = "gold" } }'),
        ('{ header = { X-Tier = "gold" } }', '{ tags = "gold" }'),
    ],
)
def test_a_rule_that_can_still_be_reached_is_no_warning(earlier, later):
    assert unreached(HOURS + rules(earlier, later)) == []


def test_only_unreachable_rules_are_named_and_once():
    told = told_of(rules('{ to = "+1312*" }', '{ to = ["+44*", "+1*"] }', '{ to = "+13125550100" }'))

    assert told == ['[[rules]] "c": never reached: "a" takes every call it could']


def test_a_reject_after_an_answer_is_too_late():
    late = '{ do = "transfer", to = "+13125550111", otherwise = { do = "reject" } }'

    told = told_of(rules('{ to = "+1312*" }', then=late))

    assert told == [
        '[[rules]] "a" then.otherwise: reject comes too late, the call is answered by then: it is hung up instead'
    ]


def test_a_reject_of_our_own_call_is_too_late():
    told = told_of(outbound().replace('human = { do = "hangup" }', 'human = { do = "reject" }'))

    assert told == [
        "[outbound.x] human: reject comes too late, the call is answered by then: it is hung up instead"
    ]


def test_a_reject_at_once_is_no_warning():
    assert told_of(rules('{ to = "+1312*" }', then='{ do = "reject" }')) == []


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (['{ to = "+13125550100", schedule = "day" }'], ['[[rules]] "a" when.to: ' + asks("schedule")]),
        (
            ['{ to = "+13125550100", from = "+1*", tags = "x" }', '{ to = "+1*", header = { X = "1" } }'],
            ['[[rules]] "a" when.to: ' + asks("from, tags, header")],
        ),
        (
            ['{ to = "+13125550100", schedule = "day" }', '{ to = ["+13125550100", "+13125550101"], tags = "x" }'],
            [
                '[[rules]] "b" when.to[0]: ' + asks("schedule, tags"),
                '[[rules]] "b" when.to[1]: ' + asks("tags"),
            ],
        ),
        (['{ to = "+13125550100", attestation = "C" }', '{ to = "+13125550100" }'], []),
        (['{ to = "+13125550100", schedule = "day" }', '{ to = "+1312*" }'], []),
        (['{ to = "+13125550100", schedule = "day" }', "{}"], []),
        (['{ to = "+13125550100", connection = "1" }'], []),  # all calls to a number come over its connection
        (['{ to = "+1312*", schedule = "day" }'], []),  # no number of ours is named
    ],
)
def test_a_number_whose_every_rule_asks_for_more_falls_to_the_default_at_times(conditions, expected):
    told = [line for line in told_of(HOURS + rules(*conditions)) if "get [default]" in line]

    assert told == expected


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (outbound(), []),
        (
            outbound().replace(CALLED_BACK, ""),
            ["[outbound.x] from: no rule covers this number: whoever calls back gets [default]"],
        ),
        (
            outbound().replace("to = ", "from = "),
            ["[outbound.x] from: " + asks("from")],
        ),
        (outbound().replace('to = "+13125550300"', 'to = "+1312*"'), []),
        (outbound().replace(ALLOW, ""), ["[limits] allow: missing or empty: POST /calls can dial no number"]),
        (
            outbound().replace(ALLOW, "[limits]\nallow = []\n"),
            ["[limits] allow: missing or empty: POST /calls can dial no number"],
        ),
        (outbound('retry_after = { busy = "15m" }'), ["[outbound.x] retry_after: never used: attempts is 1"]),
        (outbound("attempts = 2"), ["[outbound.x] attempts: never used: retry_after names no outcome"]),
        (outbound("attempts = 2", 'retry_after = { busy = "15m" }'), []),
        (
            outbound('amd = { mode = "detect" }', 'machine = { do = "leave_message", text = "Hello." }'),
            [
                f"[outbound.x] machine: {UNHEARD}",
            ],
        ),
        (outbound('amd = { mode = "premium" }', 'machine = { do = "leave_message", text = "Hello." }'), []),
        (outbound('amd = { mode = "detect" }', 'machine = { do = "hangup" }'), []),
    ],
)
def test_what_a_profile_can_hardly_mean(more, told):
    assert told_of(more) == told


UNUSED = """
[schedules.day]
open = { mon = ["08:00-12:00"] }
[recording.all]
start = "answer"
[groups.sales]
members = ["+13125550211"]
[voicemail.desk]
greeting = { say = "Hello." }
"""


def test_tables_that_nothing_uses_are_named():
    assert told_of(UNUSED) == [
        "[schedules.day]: nothing uses it",
        "[recording.all]: nothing uses it",
        "[voicemail.desk]: nothing uses it",
        "[groups.sales]: nothing uses it",
    ]


TO_THE_BOX = '{ do = "ring", group = "sales", otherwise = { do = "voicemail", box = "desk" } }'
RECORDED_RING = TO_THE_BOX.replace('"sales"', '"sales", record = "all"')
RECORDED_TRANSFER = f'{{ do = "transfer", to = "+13125550111", record = "all", otherwise = {TO_THE_BOX} }}'


@pytest.mark.parametrize(
    ("more", "of_the_box"),
    [
        (rules('{ schedule = "day" }', then=RECORDED_RING), ""),
        (outbound('schedule = "day"') + rules("{}", then=RECORDED_TRANSFER), ""),
        (outbound('schedule = "day"') + rules("{}", then=TO_THE_BOX), 'record = "all"\n'),
    ],
    ids=["a ring records", "a transfer records", "the box records"],
)
def test_a_table_that_is_named_somewhere_is_used(more, of_the_box):
    assert told_of(more + UNUSED + of_the_box) == []


def test_a_hook_may_use_any_group_box_and_policy():
    hook = rules("{}", then='{ do = "hook", call = "hooks:choose" }')

    assert told_of(hook + UNUSED) == ["[schedules.day]: nothing uses it"]


def test_a_schedule_without_hours_is_never_open():
    never = rules('{ schedule = "never" }') + "[schedules.never]\nopen = {}\n"

    assert told_of(never) == ["[schedules.never] open: never open: no day has a span"]
