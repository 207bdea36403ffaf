"""Every mistake in a dialplan is one line: file, line, table and key, what is allowed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialplan import load, parse, warnings
from shared.errors import DialplanError
from tests.dialplans import EVERY_KEY
from tests.mistakes import DEFAULT, HEAD, NUMBER, box, error_of, group, outbound, rule

TOP = (
    "version, timezone, voice, language, schedules, recording, voicemail, groups, limits, rules, outbound, default"
)

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
    "empty voice": (
        HEAD.replace('"female"', '""') + DEFAULT,
        '3: voice: expected a Telnyx voice such as "female", got ""',
    ),
    "unknown table": (
        HEAD + "[campaigns.x]\n" + DEFAULT,
        f"4: [campaigns]: unknown key; allowed: {TOP}",
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


SPOKEN = {
    "text": rule('{ do = "say", text = "Hello." }'),
    "message": outbound(
        'human = { do = "hangup" }',
        'amd.mode = "premium"',
        'machine = { do = "leave_message", text = "Hello." }',
    ),
    "announcement": '[recording.all]\nstart = "answer"\nannounce = "Hello."\n',
    "greeting": box('greeting = { say = "Hello." }'),
    "prompt of a group": group('accept = "press_1"'),
}


@pytest.mark.parametrize("tables", SPOKEN.values(), ids=SPOKEN.keys())
def test_whatever_is_spoken_needs_a_voice(tables):
    told = error_of(HEAD.replace('voice = "female"\n', "") + tables + DEFAULT)

    needed = 'missing; texts are spoken here, so choose a Telnyx voice such as "female"'
    assert told == f"dialplan.toml:1: voice: {needed}"


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


TOKENS = list(re.finditer(r'"[^"\n]*"|\b[0-9]+\b|\{[^{}\n]*\}|\[[^\[\]\n]*\]|\w+(?= =)', EVERY_KEY))
JUNK = [
    '""',
    '"x"',
    "0",
    "-1",
    "true",
    "1.5",
    "2026-12-25",
    "[]",
    "{}",
    "[{}]",
    '{ do = "x" }',
    "when",
    "[[rules]]",
]


@given(st.sampled_from(TOKENS), st.sampled_from(JUNK))
def test_no_mistake_shows_as_anything_but_one_line(token, junk):
    mangled = EVERY_KEY[: token.start()] + junk + EVERY_KEY[token.end() :]

    try:
        told = warnings(parse(mangled))
    except DialplanError as error:
        told = [str(error)]

    assert all(len(line.splitlines()) == 1 for line in told)
