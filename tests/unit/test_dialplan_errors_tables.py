"""Mistakes in the tables of schedules, recordings, voicemail boxes, groups and limits."""

import pytest

from tests.mistakes import (
    DEFAULT,
    HEAD,
    NO_VARIABLES,
    NO_VOICE,
    NUMBER,
    PATTERN,
    SPOKEN,
    URL,
    box,
    error_of,
    group,
    rule,
    schedule,
)

SPAN = '"08:00-12:00", past midnight "22:00-02:00" or until midnight "18:00-24:00"'
DAYS = 'unknown day; allowed: mon, tue, wed, thu, fri, sat, sun, and ranges such as "mon-fri" or "sat-mon"'
OPEN = 'a table such as { mon-fri = ["08:00-12:00", "13:00-17:00"] }'
GREETING = 'a table with one of say = "a text" and play = "a URL"'

MISTAKES = {
    "no voice for an announcement": (
        HEAD.replace('voice = "female"\n', "")
        + '[recording.all]\nstart = "answer"\nannounce = "Hello."\n'
        + DEFAULT,
        f"1: voice: {NO_VOICE}",
    ),
    "no voice for a greeting": (
        HEAD.replace('voice = "female"\n', "") + box('greeting = { say = "Hello." }') + DEFAULT,
        f"1: voice: {NO_VOICE}",
    ),
    "no voice for the prompt of a group": (
        HEAD.replace('voice = "female"\n', "") + group('accept = "press_1"') + DEFAULT,
        f"1: voice: {NO_VOICE}",
    ),
    "unknown strategy": (
        HEAD + group('strategy = "all"') + DEFAULT,
        '6: [groups.sales] strategy: expected "simultaneous", "sequential" or "round_robin", got "all"',
    ),
    "unknown acceptance": (
        HEAD + group('accept = "press_2"') + DEFAULT,
        '6: [groups.sales] accept: expected "any", "press_1" or "amd", got "press_2"',
    ),
    "blank prompt": (
        HEAD + group('accept = "press_1"', 'prompt = " "') + DEFAULT,
        f'7: [groups.sales] prompt: expected {SPOKEN}, got " "',
    ),
    "variable in a prompt": (
        HEAD + group('accept = "press_1"', 'prompt = "{name} calls."') + DEFAULT,
        f"7: [groups.sales] prompt: {NO_VARIABLES}",
    ),
    "prompt of a wrong type": (
        HEAD + group("prompt = 1") + DEFAULT,
        f"6: [groups.sales] prompt: expected {SPOKEN}, got 1",
    ),
    "unknown limit": (
        HEAD + "[limits]\ndials = 600\n" + DEFAULT,
        "5: [limits] dials: unknown key; allowed: allow, dials_per_minute, commands_per_call",
    ),
    "no dials at all": (
        HEAD + "[limits]\ndials_per_minute = 0\n" + DEFAULT,
        "5: [limits] dials_per_minute: expected a whole number from 1, got 0",
    ),
    "half a dial": (
        HEAD + "[limits]\ndials_per_minute = 0.5\n" + DEFAULT,
        "5: [limits] dials_per_minute: expected a whole number from 1, got 0.5",
    ),
    "schedule without hours": (
        HEAD + schedule("closed = []") + DEFAULT,
        f"4: [schedules.clinic] open: missing; expected {OPEN}",
    ),
    "schedule as a text": (
        HEAD + 'schedules.clinic = "always"\n' + DEFAULT,
        '4: [schedules.clinic]: expected a table, got "always"',
    ),
    "schedules without names": (
        HEAD + "schedules = 5\n" + DEFAULT,
        "4: [schedules]: expected tables [schedules.NAME], got 5",
    ),
    "unknown key of a schedule": (
        HEAD + schedule("open = {}", "close = []") + DEFAULT,
        "6: [schedules.clinic] close: unknown key; allowed: open, closed",
    ),
    "hours as a list": (
        HEAD + schedule('open = ["08:00-12:00"]') + DEFAULT,
        f"5: [schedules.clinic] open: expected {OPEN}, got a list",
    ),
    "day in full": (
        HEAD + schedule('open = { monday = ["08:00-12:00"] }') + DEFAULT,
        f"5: [schedules.clinic] open.monday: {DAYS}",
    ),
    "two days with a comma": (
        HEAD + schedule('open."mon,tue" = ["08:00-12:00"]') + DEFAULT,
        f'5: [schedules.clinic] open."mon,tue": {DAYS}',
    ),
    "range of one day": (
        HEAD + schedule('open = { mon-mon = ["08:00-12:00"] }') + DEFAULT,
        f"5: [schedules.clinic] open.mon-mon: {DAYS}",
    ),
    "span that is no list": (
        HEAD + schedule('open = { mon = "08:00-12:00" }') + DEFAULT,
        f'5: [schedules.clinic] open.mon: expected a list of one or more, each {SPAN}, got "08:00-12:00"',
    ),
    "day without a span": (
        HEAD + schedule('open = { tue = ["08:00-12:00"], mon = [] }') + DEFAULT,
        f"5: [schedules.clinic] open.mon: expected a list of one or more, each {SPAN}, got an empty list",
    ),
    "hour of one digit": (
        HEAD + schedule('open = { mon = ["08:00-12:00", "1:00-5:00"] }') + DEFAULT,
        f'5: [schedules.clinic] open.mon[1]: expected {SPAN}, got "1:00-5:00"',
    ),
    "span of no time": (
        HEAD + schedule("[schedules.clinic.open]", 'mon = ["08:00-12:00"]', 'tue = ["08:00-08:00"]') + DEFAULT,
        f'7: [schedules.clinic] open.tue[0]: expected {SPAN}, got "08:00-08:00"',
    ),
    "span from 24:00": (
        HEAD + schedule('open = { mon = ["24:00-08:00"] }') + DEFAULT,
        f'5: [schedules.clinic] open.mon[0]: expected {SPAN}, got "24:00-08:00"',
    ),
    "span as a number": (
        HEAD + schedule("open = { mon = [8] }") + DEFAULT,
        f"5: [schedules.clinic] open.mon[0]: expected {SPAN}, got 8",
    ),
    "closed on one date": (
        HEAD + schedule("open = {}", "closed = 2026-12-25") + DEFAULT,
        "6: [schedules.clinic] closed: expected a list of dates such as 2026-12-25, got 2026-12-25",
    ),
    "closed at a time": (
        HEAD + schedule("open = {}", "closed = [2026-12-25, 2026-12-26T12:00:00]") + DEFAULT,
        "6: [schedules.clinic] closed[1]: expected a date such as 2026-12-25, got 2026-12-26 12:00:00",
    ),
    "closed in words": (
        HEAD + schedule("open = {}", 'closed = ["Christmas"]') + DEFAULT,
        '6: [schedules.clinic] closed[0]: expected a date such as 2026-12-25, got "Christmas"',
    ),
    "box without a greeting": (
        HEAD + box("max_secs = 60") + DEFAULT,
        f"4: [voicemail.clinic] greeting: missing; expected {GREETING}",
    ),
    "greeting as a text": (
        HEAD + box('greeting = "Hello."') + DEFAULT,
        f'5: [voicemail.clinic] greeting: expected {GREETING}, got "Hello."',
    ),
    "greeting with nothing": (
        HEAD + box("greeting = {}") + DEFAULT,
        "5: [voicemail.clinic] greeting: needs exactly one of say and play",
    ),
    "greeting with both": (
        HEAD + box('greeting = { say = "Hello.", play = "https://example.com/a.mp3" }') + DEFAULT,
        "5: [voicemail.clinic] greeting: needs exactly one of say and play",
    ),
    "unknown key of a greeting": (
        HEAD + box('greeting = { text = "Hello." }') + DEFAULT,
        "5: [voicemail.clinic] greeting.text: unknown key; allowed: say, play",
    ),
    "blank greeting": (
        HEAD + box('greeting = { say = "" }') + DEFAULT,
        f'5: [voicemail.clinic] greeting.say: expected {SPOKEN}, got ""',
    ),
    "variable in a greeting": (
        HEAD + box('greeting = { say = "Hello {name}." }') + DEFAULT,
        f"5: [voicemail.clinic] greeting.say: {NO_VARIABLES}",
    ),
    "greeting from a file": (
        HEAD + box('greeting = { play = "file:///a.mp3" }') + DEFAULT,
        f'5: [voicemail.clinic] greeting.play: expected {URL}, got "file:///a.mp3"',
    ),
    "message of no time": (
        HEAD + box('greeting = { say = "Hello." }', "max_secs = 0") + DEFAULT,
        "6: [voicemail.clinic] max_secs: expected 1 to 14400, got 0",
    ),
    "message without end": (
        HEAD + box('greeting = { say = "Hello." }', "max_secs = 14401") + DEFAULT,
        "6: [voicemail.clinic] max_secs: expected 1 to 14400, got 14401",
    ),
    "unknown key of a box": (
        HEAD + box('greeting = { say = "Hello." }', "max = 60") + DEFAULT,
        "6: [voicemail.clinic] max: unknown key; allowed: greeting, max_secs, record",
    ),
    "dangling policy of a box": (
        HEAD + box('greeting = { say = "Hello." }', 'record = "all"') + DEFAULT,
        "6: [voicemail.clinic] record: there is no [recording.all]; known: none",
    ),
    "dangling box": (
        HEAD + rule('{ do = "voicemail", box = "clinic" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.box: there is no [voicemail.clinic]; known: none',
    ),
    "voicemail without a box": (
        HEAD + rule('{ do = "voicemail" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.box: missing; expected the name of a [voicemail.NAME] table',
    ),
    "misspelt key of a named table": (
        HEAD + '[groups.ops]\nmembers = ["+13125550211"]\n[groups.sales]\nmember = []\n' + DEFAULT,
        "7: [groups.sales] member: unknown key; allowed: members, strategy, ring_secs, accept, prompt",
    ),
    "too long a ring": (
        HEAD + '[groups.sales]\nmembers = ["+13125550211"]\nring_secs = 601\n' + DEFAULT,
        "6: [groups.sales] ring_secs: expected 5 to 600, got 601",
    ),
    "groups without names": (
        HEAD + '[groups]\nmembers = ["+13125550211"]\n' + DEFAULT,
        "5: [groups.members]: expected a table, got a list",
    ),
    "member that is no number": (
        HEAD + '[groups.sales]\nmembers = [\n  "+13125550211",\n  "ana",\n]\n' + DEFAULT,
        f'5: [groups.sales] members[1]: expected {NUMBER}, got "ana"',
    ),
    "member of a wrong type": (
        HEAD + '[groups.sales]\nmembers = ["+13125550211", 5]\n' + DEFAULT,
        f"5: [groups.sales] members[1]: expected {NUMBER}, got 5",
    ),
    "group of nobody": (
        HEAD + "[groups.sales]\nmembers = []\n" + DEFAULT,
        f"5: [groups.sales] members: expected a list of one or more, each {NUMBER}, got an empty list",
    ),
    "member at an emergency service": (
        HEAD + '[groups.sales]\nmembers = ["sip:112@example.com"]\n' + DEFAULT,
        '5: [groups.sales] members[0]: "sip:112@example.com" is an emergency number, and those are never dialled',
    ),
    "emergency number allowed": (
        HEAD + '[limits]\nallow = ["+1*", "933"]\n' + DEFAULT,
        '5: [limits] allow[1]: "933" is an emergency number, and those are never dialled',
    ),
    "allowed nonsense": (
        HEAD + '[limits]\nallow = ["1*2*"]\n' + DEFAULT,
        f'5: [limits] allow[0]: expected {PATTERN}, got "1*2*"',
    ),
    "member while nothing is allowed": (
        HEAD + '[limits]\nallow = []\n[groups.sales]\nmembers = ["+13125550211"]\n' + DEFAULT,
        '7: [groups.sales] members[0]: "+13125550211" is outside [limits] allow; add it there or change it here',
    ),
    "no commands at all": (
        HEAD + "[limits]\ncommands_per_call = 0\n" + DEFAULT,
        "5: [limits] commands_per_call: expected a whole number from 1, got 0",
    ),
    "recording without start": (
        HEAD + '[recording.all]\nformat = "mp3"\n' + DEFAULT,
        '4: [recording.all] start: missing; expected "answer" or "bridge"',
    ),
    "recording kept for no time": (
        HEAD + '[recording.all]\nstart = "answer"\nkeep_days = 0\n' + DEFAULT,
        "6: [recording.all] keep_days: expected a whole number from 1, got 0",
    ),
    "recording kept for a text": (
        HEAD + '[recording.all]\nstart = "answer"\nkeep_days = "90d"\n' + DEFAULT,
        '6: [recording.all] keep_days: expected a whole number from 1, got "90d"',
    ),
    "unknown key of a policy": (
        HEAD + '[recording.all]\nstart = "answer"\nkeep = 90\n' + DEFAULT,
        "6: [recording.all] keep: unknown key; allowed: start, channels, format, announce, keep_days",
    ),
    "variable in an announcement": (
        HEAD + '[recording.all]\nstart = "answer"\nannounce = "Hello {name}."\n' + DEFAULT,
        f"6: [recording.all] announce: {NO_VARIABLES}",
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line_key_and_choices(text, expected):
    told = error_of(text)

    assert told == f"dialplan.toml:{expected}"
    assert len(told.splitlines()) == 1
