"""Every mistake in a dialplan is one line: file, line, table and key, what is allowed."""

import pytest

from shared.dialplan import load, parse
from shared.errors import DialplanError

HEAD = """\
version = 1
timezone = "America/Chicago"
voice = "female"
"""
DEFAULT = """\
[default]
then = { do = "reject" }
"""
NUMBER = "an E.164 number (+13125550100) or a SIP URI (sip:ana@example.com)"
PATTERN = "a number (+13125550100), a prefix (+1312*) or a SIP URI"
ACTION = '"reject", "hangup", "answer", "transfer", "ring" or "say"'
CAUSE = '"CALL_REJECTED", "USER_BUSY", "NOT_FOUND" or "TEMPORARILY_UNAVAILABLE"'
TOP = "version, timezone, voice, language, recording, groups, limits, rules, outbound, default"
NO_VARIABLES = "{ and } are for variables, and only the texts of [outbound.NAME] have those"
OUTSIDE = '"+13125550111" is outside [limits] allow; add it there or change it here'
SPOKEN = "a text of 1 to 3000 characters"


def error_of(text):
    with pytest.raises(DialplanError) as caught:
        parse(text)
    return str(caught.value)


def rule(then, when='{ to = "+13125550100" }'):
    return f'[[rules]]\nname = "clinic: open"\nwhen = {when}\nthen = {then}\n'


def outbound(*lines):
    return "\n".join(("[outbound.reminder]", 'from = "+13125550300"', *lines, ""))


MISTAKES = {
    "empty file": ("", "1: version: missing; expected 1"),
    "version of another release": (
        HEAD.replace("version = 1", "version = 2") + DEFAULT,
        "1: version: expected 1, got 2",
    ),
    "version as text": (
        HEAD.replace("version = 1", 'version = "1"') + DEFAULT,
        '1: version: expected 1, got "1"',
    ),
    "no timezone": (
        "version = 1\n" + DEFAULT,
        '1: timezone: missing; expected an IANA timezone such as "America/Chicago"',
    ),
    "unknown timezone": (
        HEAD.replace("America/Chicago", "America/Chicargo") + DEFAULT,
        '2: timezone: expected an IANA timezone such as "America/Chicago", got "America/Chicargo"',
    ),
    "timezone that is a folder": (
        HEAD.replace("America/Chicago", "America") + DEFAULT,
        '2: timezone: expected an IANA timezone such as "America/Chicago", got "America"',
    ),
    "timezone outside the database": (
        HEAD.replace("America/Chicago", "../../etc/passwd") + DEFAULT,
        '2: timezone: expected an IANA timezone such as "America/Chicago", got "../../etc/passwd"',
    ),
    "no default": (
        HEAD,
        '1: [default]: missing; expected a table [default] with then = { do = "reject" } or another action',
    ),
    "default without action": (
        HEAD + "[default]\n",
        '4: [default] then: missing; expected an action such as { do = "hangup" }',
    ),
    "no voice for a text": (
        HEAD.replace('voice = "female"\n', "") + rule('{ do = "say", text = "Hello." }') + DEFAULT,
        '1: voice: missing; texts are spoken here, so choose a Telnyx voice such as "female"',
    ),
    "no voice for an announcement": (
        HEAD.replace('voice = "female"\n', "")
        + '[recording.all]\nstart = "answer"\nannounce = "Hello."\n'
        + DEFAULT,
        '1: voice: missing; texts are spoken here, so choose a Telnyx voice such as "female"',
    ),
    "empty voice": (
        HEAD.replace('"female"', '""') + DEFAULT,
        '3: voice: expected a Telnyx voice such as "female", got ""',
    ),
    "table of a later release": (
        HEAD + "[schedules.clinic]\nopen = {}\n" + DEFAULT,
        f"4: [schedules]: unknown key; allowed: {TOP}",
    ),
    "key of a later release": (
        HEAD + rule('{ do = "hangup" }', '{ to = "+13125550100", schedule = "clinic" }') + DEFAULT,
        '6: [[rules]] "clinic: open" when.schedule: unknown key; allowed: to, from, connection',
    ),
    "action of a later release": (
        HEAD + rule('{ do = "voicemail", box = "clinic" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.do: expected {ACTION}, got "voicemail"',
    ),
    "strategy of a later release": (
        HEAD + '[groups.sales]\nmembers = ["+13125550211"]\nstrategy = "sequential"\n' + DEFAULT,
        '6: [groups.sales] strategy: expected "simultaneous", got "sequential"',
    ),
    "acceptance of a later release": (
        HEAD + '[groups.sales]\nmembers = ["+13125550211"]\naccept = "press_1"\n' + DEFAULT,
        '6: [groups.sales] accept: expected "any", got "press_1"',
    ),
    "limit of a later release": (
        HEAD + "[limits]\ndials_per_minute = 600\n" + DEFAULT,
        "5: [limits] dials_per_minute: unknown key; allowed: allow, commands_per_call",
    ),
    "misspelt key of an action": (
        HEAD + rule('{ do = "ring", grup = "sales" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.grup: unknown key; allowed: do, group, caller_id, record, otherwise',
    ),
    "misspelt key of a named table": (
        HEAD + '[groups.ops]\nmembers = ["+13125550211"]\n[groups.sales]\nmember = []\n' + DEFAULT,
        "7: [groups.sales] member: unknown key; allowed: members, strategy, ring_secs, accept",
    ),
    "too short a ring": (
        HEAD + rule('{ do = "transfer", to = "+13125550111", ring_secs = 3 }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.ring_secs: expected 5 to 600, got 3',
    ),
    "too long a ring": (
        HEAD + '[groups.sales]\nmembers = ["+13125550211"]\nring_secs = 601\n' + DEFAULT,
        "6: [groups.sales] ring_secs: expected 5 to 600, got 601",
    ),
    "true is no number": (
        HEAD + rule('{ do = "transfer", to = "+13125550111", ring_secs = true }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.ring_secs: expected 5 to 600, got true',
    ),
    "deep inside": (
        HEAD
        + rule(
            '{ do = "say", text = "Hello.", then = { do = "transfer", to = "+13125550111", caller_id = "me" } }'
        )
        + DEFAULT,
        '7: [[rules]] "clinic: open" then.then.caller_id: expected "business" or "caller", got "me"',
    ),
    "transfer to nobody": (
        HEAD + rule('{ do = "transfer" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.to: missing; expected {NUMBER}',
    ),
    "answer without then": (
        HEAD + rule('{ do = "answer" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.then: missing; expected an action such as { do = "hangup" }',
    ),
    "action without do": (
        HEAD + rule('{ to = "+13125550111" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.do: missing; expected {ACTION}',
    ),
    "action as a word": (
        HEAD + rule('"hangup"') + DEFAULT,
        '7: [[rules]] "clinic: open" then: expected an action such as { do = "hangup" }, got "hangup"',
    ),
    "unknown cause": (
        HEAD + '[default]\nthen = { do = "reject", cause = "BUSY" }\n',
        f'5: [default] then.cause: expected {CAUSE}, got "BUSY"',
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
    "groups without names": (
        HEAD + '[groups]\nmembers = ["+13125550211"]\n' + DEFAULT,
        "5: [groups.members]: expected a table, got a list",
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
    "transfer to no number": (
        HEAD + rule('{ do = "transfer", to = "312-555-0111" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.to: expected {NUMBER}, got "312-555-0111"',
    ),
    "prefix as destination": (
        HEAD + rule('{ do = "transfer", to = "+1312*" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.to: expected {NUMBER}, got "+1312*"',
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
    "transfer to 911": (
        HEAD + rule('{ do = "transfer", to = "911" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.to: "911" is an emergency number, and those are never dialled',
    ),
    "transfer to +1911": (
        HEAD + rule('{ do = "transfer", to = "+1911" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.to: "+1911" is an emergency number, and those are never dialled',
    ),
    "member at an emergency service": (
        HEAD + '[groups.sales]\nmembers = ["sip:112@example.com"]\n' + DEFAULT,
        '5: [groups.sales] members: "sip:112@example.com" is an emergency number, and those are never dialled',
    ),
    "emergency number allowed": (
        HEAD + '[limits]\nallow = ["+1*", "933"]\n' + DEFAULT,
        '5: [limits] allow[1]: "933" is an emergency number, and those are never dialled',
    ),
    "allowed nonsense": (
        HEAD + '[limits]\nallow = ["1*2*"]\n' + DEFAULT,
        f'5: [limits] allow[0]: expected {PATTERN}, got "1*2*"',
    ),
    "destination outside the limits": (
        HEAD + '[limits]\nallow = ["+44*"]\n' + rule('{ do = "transfer", to = "+13125550111" }') + DEFAULT,
        f'9: [[rules]] "clinic: open" then.to: {OUTSIDE}',
    ),
    "member while nothing is allowed": (
        HEAD + '[limits]\nallow = []\n[groups.sales]\nmembers = ["+13125550211"]\n' + DEFAULT,
        '7: [groups.sales] members: "+13125550211" is outside [limits] allow; add it there or change it here',
    ),
    "no commands at all": (
        HEAD + "[limits]\ncommands_per_call = 0\n" + DEFAULT,
        "5: [limits] commands_per_call: expected a whole number from 1, got 0",
    ),
    "dangling group": (
        HEAD + '[groups.sales]\nmembers = ["+13125550211"]\n' + rule('{ do = "ring", group = "slaes" }') + DEFAULT,
        '9: [[rules]] "clinic: open" then.group: there is no [groups.slaes]; known: sales',
    ),
    "dangling policy": (
        HEAD + rule('{ do = "transfer", to = "+13125550111", record = "all" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.record: there is no [recording.all]; known: none',
    ),
    "recording without start": (
        HEAD + '[recording.all]\nformat = "mp3"\n' + DEFAULT,
        '4: [recording.all] start: missing; expected "answer" or "bridge"',
    ),
    "recording kept for a time, which nothing enforces yet": (
        HEAD + '[recording.all]\nstart = "answer"\nkeep_days = 90\n' + DEFAULT,
        "6: [recording.all] keep_days: unknown key; allowed: start, channels, format, announce",
    ),
    "blank text": (
        HEAD + rule('{ do = "say", text = " " }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.text: expected {SPOKEN}, got " "',
    ),
    "endless text": (
        HEAD + rule('{ do = "say", text = "' + "a" * 3001 + '" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.text: expected {SPOKEN}, got "{"a" * 59}…"',
    ),
    "variable for an incoming call": (
        HEAD + rule('{ do = "say", text = "Hello {name}." }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.text: {NO_VARIABLES}',
    ),
    "variable in an announcement": (
        HEAD + '[recording.all]\nstart = "answer"\nannounce = "Hello {name}."\n' + DEFAULT,
        f"6: [recording.all] announce: {NO_VARIABLES}",
    ),
    "attribute of a variable": (
        HEAD + outbound('human = { do = "say", text = "Hello {a.b}." }') + DEFAULT,
        "6: [outbound.reminder] human.text: stray {: only {name} is filled in; {{ and }} are plain braces",
    ),
    "conversion of a variable": (
        HEAD
        + outbound('human = { do = "hangup" }', 'amd.mode = "premium"', 'fax = { do = "say", text = "{a!r}" }')
        + DEFAULT,
        "8: [outbound.reminder] fax.text: stray {: only {name} is filled in; {{ and }} are plain braces",
    ),
    "profile without a human branch": (
        HEAD + outbound() + DEFAULT,
        '4: [outbound.reminder] human: missing; expected an action such as { do = "hangup" }',
    ),
    "machine branch without detection": (
        HEAD + outbound('human = { do = "hangup" }', 'fax = { do = "hangup" }') + DEFAULT,
        '7: [outbound.reminder] fax: needs amd = { mode = "premium" }; without it every answered call is human',
    ),
    "another detection": (
        HEAD + outbound('amd = { mode = "detect" }', 'human = { do = "hangup" }') + DEFAULT,
        '6: [outbound.reminder] amd.mode: expected "premium", got "detect"',
    ),
    "detection of a later release": (
        HEAD
        + outbound(
            'human = { do = "hangup" }', "[outbound.reminder.amd]", 'mode = "premium"', "greeting_secs = 30"
        )
        + DEFAULT,
        "9: [outbound.reminder] amd.greeting_secs: unknown key; allowed: mode, decide_within_secs",
    ),
    "caller id that is no number": (
        HEAD + outbound('human = { do = "hangup" }').replace("+13125550300", "Lake Clinic") + DEFAULT,
        f'5: [outbound.reminder] from: expected {NUMBER}, got "Lake Clinic"',
    ),
    "action of a sub-table": (
        HEAD + '[[rules]]\nname = "a"\nwhen = {}\n[rules.then]\ndo = "ring"\ngroup = "sales"\n' + DEFAULT,
        '9: [[rules]] "a" then.group: there is no [groups.sales]; known: none',
    ),
    "name that looks like a key": (
        HEAD + '[outbound.when]\nfrom = 5\nhuman = { do = "hangup" }\n' + DEFAULT,
        f"5: [outbound.when] from: expected {NUMBER}, got 5",
    ),
    "name on two lines": (
        HEAD + '[groups."two\\nlines"]\nmembers = 5\n' + DEFAULT,
        f'5: [groups."two\\nlines"] members: expected a list of one or more, each {NUMBER}, got 5',
    ),
    "name with a line separator": (
        HEAD + "[groups.'a\u2028b']\nmembers = 5\n" + DEFAULT,
        f'5: [groups."a\\u2028b"] members: expected a list of one or more, each {NUMBER}, got 5',
    ),
    "date instead of text": (
        HEAD.replace('"female"', "2026-12-25") + DEFAULT,
        '3: voice: expected a Telnyx voice such as "female", got 2026-12-25',
    ),
    "header inside a text": (
        HEAD + 'language = """\n[groups.sales]\n"""\n[groups.sales]\nmembers = 5\n' + DEFAULT,
        f"8: [groups.sales] members: expected a list of one or more, each {NUMBER}, got 5",
    ),
    "endless nesting": (HEAD + "x = " + "[" * 5000 + "]" * 5000, "1: tables are nested too deeply"),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line_key_and_choices(text, expected):
    told = error_of(text)

    assert told == f"dialplan.toml:{expected}"
    assert len(told.splitlines()) == 1


# What follows is Python's own wording, which changes between its versions.
@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEAD + "[default\n", 4),
        (HEAD + "voice = 'x'\n", 4),
        (HEAD + 'x = """\nabc\n', 6),
        ("version = " + "9" * 5000, 1),
        (HEAD.replace('"female"', "2026-13-45"), 3),
    ],
    ids=["header", "key twice", "text without end", "number beyond Python", "no date"],
)
def test_what_is_not_toml_is_told_with_its_line(text, line):
    told = error_of(text)

    assert told.startswith(f"dialplan.toml:{line}: this is not TOML: ")
    assert len(told.splitlines()) == 1


def test_lines_are_counted_alike_with_windows_line_ends():
    told = error_of((HEAD + "[limits]\ncommands_per_call = 0\n" + DEFAULT).replace("\n", "\r\n"))

    assert told == "dialplan.toml:5: [limits] commands_per_call: expected a whole number from 1, got 0"


def test_a_missing_file_names_its_path_and_the_variable(tmp_path):
    with pytest.raises(DialplanError) as caught:
        load(tmp_path / "nowhere.toml")

    assert (
        str(caught.value) == f"{tmp_path}/nowhere.toml does not exist: set DIALPLAN to the path of your dialplan"
    )


def test_a_folder_is_no_dialplan(tmp_path):
    with pytest.raises(DialplanError) as caught:
        load(tmp_path)

    assert str(caught.value) == f"{tmp_path} cannot be read (Is a directory): set DIALPLAN to your dialplan"


def test_a_file_in_another_encoding_names_the_line(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_bytes(HEAD.encode() + b"# caf\xe9\n" + DEFAULT.encode())

    with pytest.raises(DialplanError) as caught:
        load(path)

    assert str(caught.value) == f"{path}:4: this is not UTF-8 text: save the file as UTF-8"


def test_an_error_in_a_file_carries_its_path(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text("version = 2\n")

    with pytest.raises(DialplanError) as caught:
        load(path)

    assert str(caught.value) == f"{path}:1: version: expected 1, got 2"
