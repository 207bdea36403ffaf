"""Mistakes in the tables of schedules, recordings, voicemail boxes, groups and limits."""

import pytest

from tests.mistakes import NO_VARIABLES, NUMBER, PATTERN, SPOKEN, URL, box, group, rule, schedule, told_of

SPAN = '"08:00-12:00", past midnight "22:00-02:00" or until midnight "18:00-24:00"'
DAYS = 'unknown day; allowed: mon, tue, wed, thu, fri, sat, sun, and ranges such as "mon-fri" or "sat-mon"'
OPEN = 'a table such as { mon-fri = ["08:00-12:00", "13:00-17:00"] }'
GREETING = 'a table with one of say = "a text" and play = "a URL"'

MISTAKES = {
    "unknown strategy": (
        group('strategy = "all"'),
        '6: [groups.sales] strategy: expected "simultaneous", "sequential" or "round_robin", got "all"',
    ),
    "unknown acceptance": (
        group('accept = "press_2"'),
        '6: [groups.sales] accept: expected "any", "press_1" or "amd", got "press_2"',
    ),
    "blank prompt": (
        group('accept = "press_1"', 'prompt = " "'),
        f'7: [groups.sales] prompt: expected {SPOKEN}, got " "',
    ),
    "variable in a prompt": (
        group('accept = "press_1"', 'prompt = "{name} calls."'),
        f"7: [groups.sales] prompt: {NO_VARIABLES}",
    ),
    "prompt of a wrong type": (group("prompt = 1"), f"6: [groups.sales] prompt: expected {SPOKEN}, got 1"),
    "unknown limit": (
        "[limits]\ndials = 600\n",
        "5: [limits] dials: unknown key; allowed: allow, dials_per_minute, commands_per_call",
    ),
    "no dials at all": (
        "[limits]\ndials_per_minute = 0\n",
        "5: [limits] dials_per_minute: expected a whole number from 1, got 0",
    ),
    "half a dial": (
        "[limits]\ndials_per_minute = 0.5\n",
        "5: [limits] dials_per_minute: expected a whole number from 1, got 0.5",
    ),
    "schedule without hours": (schedule("closed = []"), f"4: [schedules.clinic] open: missing; expected {OPEN}"),
    "schedule as a text": (
        'schedules.clinic = "always"\n',
        '4: [schedules.clinic]: expected a table, got "always"',
    ),
    "schedules without names": ("schedules = 5\n", "4: [schedules]: expected tables [schedules.NAME], got 5"),
    "unknown key of a schedule": (
        schedule("open = {}", "close = []"),
        "6: [schedules.clinic] close: unknown key; allowed: open, closed",
    ),
    "hours as a list": (
        schedule('open = ["08:00-12:00"]'),
        f"5: [schedules.clinic] open: expected {OPEN}, got a list",
    ),
    "day in full": (schedule('open = { monday = ["08:00-12:00"] }'), f"5: [schedules.clinic] open.monday: {DAYS}"),
    "two days with a comma": (
        schedule('open."mon,tue" = ["08:00-12:00"]'),
        f'5: [schedules.clinic] open."mon,tue": {DAYS}',
    ),
    "range of one day": (
        schedule('open = { mon-mon = ["08:00-12:00"] }'),
        f"5: [schedules.clinic] open.mon-mon: {DAYS}",
    ),
    "span that is no list": (
        schedule('open = { mon = "08:00-12:00" }'),
        f'5: [schedules.clinic] open.mon: expected a list of one or more, each {SPAN}, got "08:00-12:00"',
    ),
    "day without a span": (
        schedule('open = { tue = ["08:00-12:00"], mon = [] }'),
        f"5: [schedules.clinic] open.mon: expected a list of one or more, each {SPAN}, got an empty list",
    ),
    "hour of one digit": (
        schedule('open = { mon = ["08:00-12:00", "1:00-5:00"] }'),
        f'5: [schedules.clinic] open.mon[1]: expected {SPAN}, got "1:00-5:00"',
    ),
    "span of no time": (
        schedule("[schedules.clinic.open]", 'mon = ["08:00-12:00"]', 'tue = ["08:00-08:00"]'),
        f'7: [schedules.clinic] open.tue[0]: expected {SPAN}, got "08:00-08:00"',
    ),
    "span from 24:00": (
        schedule('open = { mon = ["24:00-08:00"] }'),
        f'5: [schedules.clinic] open.mon[0]: expected {SPAN}, got "24:00-08:00"',
    ),
    "span as a number": (
        schedule("open = { mon = [8] }"),
        f"5: [schedules.clinic] open.mon[0]: expected {SPAN}, got 8",
    ),
    "closed on one date": (
        schedule("open = {}", "closed = 2026-12-25"),
        "6: [schedules.clinic] closed: expected a list of dates such as 2026-12-25, got 2026-12-25",
    ),
    "closed at a time": (
        schedule("open = {}", "closed = [2026-12-25, 2026-12-26T12:00:00]"),
        "6: [schedules.clinic] closed[1]: expected a date such as 2026-12-25, got 2026-12-26 12:00:00",
    ),
    "closed in words": (
        schedule("open = {}", 'closed = ["Christmas"]'),
        '6: [schedules.clinic] closed[0]: expected a date such as 2026-12-25, got "Christmas"',
    ),
    "box without a greeting": (
        box("max_secs = 60"),
        f"4: [voicemail.clinic] greeting: missing; expected {GREETING}",
    ),
    "greeting as a text": (
        box('greeting = "Hello."'),
        f'5: [voicemail.clinic] greeting: expected {GREETING}, got "Hello."',
    ),
    "greeting with nothing": (
        box("greeting = {}"),
        "5: [voicemail.clinic] greeting: needs exactly one of say and play",
    ),
    "greeting with both": (
        box('greeting = { say = "Hello.", play = "https://example.com/a.mp3" }'),
        "5: [voicemail.clinic] greeting: needs exactly one of say and play",
    ),
    "unknown key of a greeting": (
        box('greeting = { text = "Hello." }'),
        "5: [voicemail.clinic] greeting.text: unknown key; allowed: say, play",
    ),
    "blank greeting": (
        box('greeting = { say = "" }'),
        f'5: [voicemail.clinic] greeting.say: expected {SPOKEN}, got ""',
    ),
    "variable in a greeting": (
        box('greeting = { say = "Hello {name}." }'),
        f"5: [voicemail.clinic] greeting.say: {NO_VARIABLES}",
    ),
    "greeting from a file": (
        box('greeting = { play = "file:///a.mp3" }'),
        f'5: [voicemail.clinic] greeting.play: expected {URL}, got "file:///a.mp3"',
    ),
    "message of no time": (
        box('greeting = { say = "Hello." }', "max_secs = 0"),
        "6: [voicemail.clinic] max_secs: expected 1 to 14400, got 0",
    ),
    "message without end": (
        box('greeting = { say = "Hello." }', "max_secs = 14401"),
        "6: [voicemail.clinic] max_secs: expected 1 to 14400, got 14401",
    ),
    "unknown key of a box": (
        box('greeting = { say = "Hello." }', "max = 60"),
        "6: [voicemail.clinic] max: unknown key; allowed: greeting, max_secs, record",
    ),
    "dangling policy of a box": (
        box('greeting = { say = "Hello." }', 'record = "all"'),
        "6: [voicemail.clinic] record: there is no [recording.all]; known: none",
    ),
    "dangling box": (
        rule('{ do = "voicemail", box = "clinic" }'),
        '7: [[rules]] "clinic: open" then.box: there is no [voicemail.clinic]; known: none',
    ),
    "voicemail without a box": (
        rule('{ do = "voicemail" }'),
        '7: [[rules]] "clinic: open" then.box: missing; expected the name of a [voicemail.NAME] table',
    ),
    "misspelt key of a named table": (
        '[groups.ops]\nmembers = ["+13125550211"]\n[groups.sales]\nmember = []\n',
        "7: [groups.sales] member: unknown key; allowed: members, strategy, ring_secs, accept, prompt",
    ),
    "too long a ring": (
        '[groups.sales]\nmembers = ["+13125550211"]\nring_secs = 601\n',
        "6: [groups.sales] ring_secs: expected 5 to 600, got 601",
    ),
    "groups without names": (
        '[groups]\nmembers = ["+13125550211"]\n',
        "5: [groups.members]: expected a table, got a list",
    ),
    "member that is no number": (
        '[groups.sales]\nmembers = [\n  "+13125550211",\n  "ana",\n]\n',
        f'5: [groups.sales] members[1]: expected {NUMBER}, got "ana"',
    ),
    "member of a wrong type": (
        '[groups.sales]\nmembers = ["+13125550211", 5]\n',
        f"5: [groups.sales] members[1]: expected {NUMBER}, got 5",
    ),
    "group of nobody": (
        "[groups.sales]\nmembers = []\n",
        f"5: [groups.sales] members: expected a list of one or more, each {NUMBER}, got an empty list",
    ),
    "member at an emergency service": (
        '[groups.sales]\nmembers = ["sip:112@example.com"]\n',
        '5: [groups.sales] members[0]: "sip:112@example.com" is an emergency number, and those are never dialled',
    ),
    "emergency number allowed": (
        '[limits]\nallow = ["+1*", "933"]\n',
        '5: [limits] allow[1]: "933" is an emergency number, and those are never dialled',
    ),
    "allowed nonsense": ('[limits]\nallow = ["1*2*"]\n', f'5: [limits] allow[0]: expected {PATTERN}, got "1*2*"'),
    "member while nothing is allowed": (
        '[limits]\nallow = []\n[groups.sales]\nmembers = ["+13125550211"]\n',
        '7: [groups.sales] members[0]: "+13125550211" is outside [limits] allow; add it there or change it here',
    ),
    "no commands at all": (
        "[limits]\ncommands_per_call = 0\n",
        "5: [limits] commands_per_call: expected a whole number from 1, got 0",
    ),
    "recording without start": (
        '[recording.all]\nformat = "mp3"\n',
        '4: [recording.all] start: missing; expected "answer" or "bridge"',
    ),
    "recording kept for no time": (
        '[recording.all]\nstart = "answer"\nkeep_days = 0\n',
        "6: [recording.all] keep_days: expected a whole number from 1, got 0",
    ),
    "recording kept for a text": (
        '[recording.all]\nstart = "answer"\nkeep_days = "90d"\n',
        '6: [recording.all] keep_days: expected a whole number from 1, got "90d"',
    ),
    "unknown key of a policy": (
        '[recording.all]\nstart = "answer"\nkeep = 90\n',
        "6: [recording.all] keep: unknown key; allowed: start, channels, format, announce, keep_days",
    ),
    "variable in an announcement": (
        '[recording.all]\nstart = "answer"\nannounce = "Hello {name}."\n',
        f"6: [recording.all] announce: {NO_VARIABLES}",
    ),
}


@pytest.mark.parametrize(("tables", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line_key_and_choices(tables, expected):
    assert told_of(tables) == expected
