"""Mistakes in rules and their conditions."""

import pytest

from tests.mistakes import DEFAULT, HEAD, PATTERN, error_of, rule, schedule

SCHEDULE = "the name of a [schedules.NAME] table"
LEVEL = '"A", "B", "C" or "none"'
CONDITIONS = "to, from, connection, schedule, attestation, tags, header"

MISTAKES = {
    "unknown key of a condition": (
        HEAD + rule('{ do = "hangup" }', '{ too = "+13125550100" }') + DEFAULT,
        f'6: [[rules]] "clinic: open" when.too: unknown key; allowed: {CONDITIONS}',
    ),
    "dangling schedule of a rule": (
        HEAD + rule('{ do = "hangup" }', '{ schedule = ["clinic", "shop"] }') + schedule("open = {}") + DEFAULT,
        '6: [[rules]] "clinic: open" when.schedule[1]: there is no [schedules.shop]; known: clinic',
    ),
    "schedule of a rule in place": (
        HEAD + rule('{ do = "hangup" }', '{ schedule = { mon = ["08:00-12:00"] } }') + DEFAULT,
        f'6: [[rules]] "clinic: open" when.schedule: expected {SCHEDULE}, or a list of them, got a table',
    ),
    "unknown attestation": (
        HEAD + rule('{ do = "hangup" }', '{ attestation = ["A", "D"] }') + DEFAULT,
        f'6: [[rules]] "clinic: open" when.attestation[1]: expected {LEVEL}, got "D"',
    ),
    "attestation that nothing has": (
        HEAD + rule('{ do = "hangup" }', "{ attestation = [] }") + DEFAULT,
        f'6: [[rules]] "clinic: open" when.attestation: expected {LEVEL}, or a list of them, got an empty list',
    ),
    "tag as a number": (
        HEAD + rule('{ do = "hangup" }', '{ tags = ["vip", 5] }') + DEFAULT,
        '6: [[rules]] "clinic: open" when.tags[1]: expected a tag as text, got 5',
    ),
    "tags as a table": (
        HEAD + rule('{ do = "hangup" }', "{ tags = {} }") + DEFAULT,
        '6: [[rules]] "clinic: open" when.tags: expected a tag as text, or a list of them, got a table',
    ),
    "header as a text": (
        HEAD + rule('{ do = "hangup" }', '{ header = "X-Tier" }') + DEFAULT,
        '6: [[rules]] "clinic: open" when.header: expected a table such as { "X-Tier" = "gold" }, got "X-Tier"',
    ),
    "header as a number": (
        HEAD + rule('{ do = "hangup" }', '{ header = { "X-Tier" = "gold", "X-Team" = 5 } }') + DEFAULT,
        '6: [[rules]] "clinic: open" when.header.X-Team: expected a text, or a list of them, got 5',
    ),
    "header with an odd value": (
        HEAD + rule('{ do = "hangup" }', '{ header = { "X-Tier" = ["gold", 5] } }') + DEFAULT,
        '6: [[rules]] "clinic: open" when.header.X-Tier[1]: expected a text, got 5',
    ),
    "header with no value": (
        HEAD + rule('{ do = "hangup" }', '{ header = { "X-Tier" = [] } }') + DEFAULT,
        '6: [[rules]] "clinic: open" when.header.X-Tier: expected a text, or a list of them, got an empty list',
    ),
    "header that cannot be": (
        HEAD + rule('{ do = "hangup" }', '{ header = { "X Tier" = "gold" } }') + DEFAULT,
        '6: [[rules]] "clinic: open" when.header."X Tier": no SIP header can have this name',
    ),
    "rule without a name": (
        HEAD + '[[rules]]\nwhen = {}\nthen = { do = "hangup" }\n' + DEFAULT,
        "4: [[rules]] number 1 name: missing; expected a text",
    ),
    "second rule without when": (
        HEAD + rule('{ do = "hangup" }') + '[[rules]]\nname = "b"\nthen = { do = "hangup" }\n' + DEFAULT,
        '8: [[rules]] "b" when: missing; expected a table such as { to = "+13125550100" }',
    ),
    "rules as one table": (
        HEAD + '[rules]\nname = "a"\n' + DEFAULT,
        "4: [[rules]]: expected tables [[rules]], got a table",
    ),
    "condition that nothing can meet": (
        HEAD + rule('{ do = "hangup" }', "{ to = [] }") + DEFAULT,
        f'6: [[rules]] "clinic: open" when.to: expected {PATTERN}, or a list of them, got an empty list',
    ),
    "connection as a number": (
        HEAD + rule('{ do = "hangup" }', "{ connection = 29 }") + DEFAULT,
        '6: [[rules]] "clinic: open" when.connection: expected a connection id as text, or a list of them, got 29',
    ),
    "anonymous as called number": (
        HEAD + rule('{ do = "hangup" }', '{ to = "anonymous" }') + DEFAULT,
        f'6: [[rules]] "clinic: open" when.to: expected {PATTERN}, or a list of them, got "anonymous"',
    ),
    "caller in national format": (
        HEAD + rule('{ do = "hangup" }', '{ from = ["+1312*", "3125550100"] }') + DEFAULT,
        f'6: [[rules]] "clinic: open" when.from[1]: expected {PATTERN} or "anonymous", got "3125550100"',
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line_key_and_choices(text, expected):
    told = error_of(text)

    assert told == f"dialplan.toml:{expected}"
    assert len(told.splitlines()) == 1
