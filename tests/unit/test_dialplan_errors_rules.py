"""Mistakes in rules and their conditions."""

import pytest

from tests.mistakes import PATTERN, rule, schedule, told_of

SCHEDULE = "the name of a [schedules.NAME] table"
LEVEL = '"A", "B", "C" or "none"'
CONDITIONS = "to, from, connection, schedule, attestation, tags, header"

MISTAKES = {
    "unknown key of a condition": (
        rule('{ do = "hangup" }', '{ too = "+13125550100" }'),
        f'6: [[rules]] "clinic: open" when.too: unknown key; allowed: {CONDITIONS}',
    ),
    "dangling schedule of a rule": (
        rule('{ do = "hangup" }', '{ schedule = ["clinic", "shop"] }') + schedule("open = {}"),
        '6: [[rules]] "clinic: open" when.schedule[1]: there is no [schedules.shop]; known: clinic',
    ),
    "schedule of a rule in place": (
        rule('{ do = "hangup" }', '{ schedule = { mon = ["08:00-12:00"] } }'),
        f'6: [[rules]] "clinic: open" when.schedule: expected {SCHEDULE}, or a list of them, got a table',
    ),
    "unknown attestation": (
        rule('{ do = "hangup" }', '{ attestation = ["A", "D"] }'),
        f'6: [[rules]] "clinic: open" when.attestation[1]: expected {LEVEL}, got "D"',
    ),
    "attestation that nothing has": (
        rule('{ do = "hangup" }', "{ attestation = [] }"),
        f'6: [[rules]] "clinic: open" when.attestation: expected {LEVEL}, or a list of them, got an empty list',
    ),
    "tag as a number": (
        rule('{ do = "hangup" }', '{ tags = ["vip", 5] }'),
        '6: [[rules]] "clinic: open" when.tags[1]: expected a tag as text, got 5',
    ),
    "tags as a table": (
        rule('{ do = "hangup" }', "{ tags = {} }"),
        '6: [[rules]] "clinic: open" when.tags: expected a tag as text, or a list of them, got a table',
    ),
    "header as a text": (
        rule('{ do = "hangup" }', '{ header = "X-Tier" }'),
        '6: [[rules]] "clinic: open" when.header: expected a table such as { "X-Tier" = "gold" }, got "X-Tier"',
    ),
    "header as a number": (
        rule('{ do = "hangup" }', '{ header = { "X-Tier" = "gold", "X-Team" = 5 } }'),
        '6: [[rules]] "clinic: open" when.header.X-Team: expected a text, or a list of them, got 5',
    ),
    "header with an odd value": (
        rule('{ do = "hangup" }', '{ header = { "X-Tier" = ["gold", 5] } }'),
        '6: [[rules]] "clinic: open" when.header.X-Tier[1]: expected a text, got 5',
    ),
    "header with no value": (
        rule('{ do = "hangup" }', '{ header = { "X-Tier" = [] } }'),
        '6: [[rules]] "clinic: open" when.header.X-Tier: expected a text, or a list of them, got an empty list',
    ),
    "header that cannot be": (
        rule('{ do = "hangup" }', '{ header = { "X Tier" = "gold" } }'),
        '6: [[rules]] "clinic: open" when.header."X Tier": no SIP header can have this name',
    ),
    "rule without a name": (
        '[[rules]]\nwhen = {}\nthen = { do = "hangup" }\n',
        "4: [[rules]] number 1 name: missing; expected a text",
    ),
    "second rule without when": (
        rule('{ do = "hangup" }') + '[[rules]]\nname = "b"\nthen = { do = "hangup" }\n',
        '8: [[rules]] "b" when: missing; expected a table such as { to = "+13125550100" }',
    ),
    "rules as one table": ('[rules]\nname = "a"\n', "4: [[rules]]: expected tables [[rules]], got a table"),
    "condition that nothing can meet": (
        rule('{ do = "hangup" }', "{ to = [] }"),
        f'6: [[rules]] "clinic: open" when.to: expected {PATTERN}, or a list of them, got an empty list',
    ),
    "connection as a number": (
        rule('{ do = "hangup" }', "{ connection = 29 }"),
        '6: [[rules]] "clinic: open" when.connection: expected a connection id as text, or a list of them, got 29',
    ),
    "anonymous as called number": (
        rule('{ do = "hangup" }', '{ to = "anonymous" }'),
        f'6: [[rules]] "clinic: open" when.to: expected {PATTERN}, or a list of them, got "anonymous"',
    ),
    "caller in national format": (
        rule('{ do = "hangup" }', '{ from = ["+1312*", "3125550100"] }'),
        f'6: [[rules]] "clinic: open" when.from[1]: expected {PATTERN} or "anonymous", got "3125550100"',
    ),
}


@pytest.mark.parametrize(("tables", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line_key_and_choices(tables, expected):
    assert told_of(tables) == expected
