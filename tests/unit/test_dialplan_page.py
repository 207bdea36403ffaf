"""The page of the dialplan has every key, and what it shows is what happens."""

import re
import sys
import tomllib
from datetime import UTC, datetime

import msgspec
import pytest

from shared import hooks
from shared.dialplan import HookCall, Ring, Say, checked, parse, warnings
from shared.dialplan.schema import ACTIONS, NAMED_TABLES, Amd, Default, Greeting, Limits, Plan, Rule, When
from shared.errors import DialplanError
from tests.mistakes import DEFAULT, HEAD
from tests.processes import ROOT

PAGE = (ROOT / "docs" / "dialplan.md").read_text(encoding="utf-8")
SECTIONS = {section.splitlines()[0].strip(): section for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)}
FILES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
ERRORS = re.findall(r"^\| `(.*)` \| `(dialplan\.toml:.*)` \|$", SECTIONS["Checking"], re.MULTILINE)
TABLES = [
    ("At the top", Plan),
    ("At the top", Default),
    *((f"[{name}.NAME]", table) for name, table in NAMED_TABLES.items()),
    ("[voicemail.NAME]", Greeting),
    ("[limits]", Limits),
    ("[[rules]]", Rule),
    ("[[rules]]", When),
    ("[outbound.NAME]", Amd),
    *(("Actions", action) for action in ACTIONS),
]


@pytest.mark.parametrize(("section", "table"), TABLES, ids=[table.__name__ for _, table in TABLES])
def test_every_key_stands_in_the_section_of_its_table(section, table):
    keys = [field.encode_name for field in msgspec.structs.fields(table)]

    assert [key for key in keys if f"`{key}`" not in SECTIONS[section]] == []


def test_every_action_stands_in_their_section():
    tags = [action.__struct_config__.tag for action in ACTIONS]

    assert [tag for tag in tags if f"| `{tag}` |" not in SECTIONS["Actions"]] == []


@pytest.mark.parametrize(("section", "table"), TABLES, ids=[table.__name__ for _, table in TABLES])
def test_every_default_is_the_one_that_is_told(section, table):
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|", SECTIONS[section], re.MULTILINE))
    written = {
        key: tomllib.loads(f"value = {told[1:-1]}")["value"] for key, told in rows.items() if told[0] == "`"
    }
    fields = {field.encode_name: field.default for field in msgspec.structs.fields(table)}

    told = {key: value for key, value in written.items() if key in fields and value != []}

    assert {key: fields[key] for key in told} == told


@pytest.mark.parametrize("text", FILES, ids=["smallest", "hook", "doubtful"])
def test_every_file_on_the_page_is_right(text):
    parse(text)


def test_the_warnings_of_the_doubtful_file_are_those_on_the_page():
    [listed] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)

    assert warnings(parse(FILES[2])) == listed.splitlines()


@pytest.mark.parametrize(("written", "error"), ERRORS)
def test_every_error_on_the_page_is_what_is_told(written, error):
    with pytest.raises(DialplanError) as caught:
        parse(HEAD + written + "\n" + DEFAULT)

    assert str(caught.value) == error


def test_there_are_errors_on_the_page():
    assert len(ERRORS) == SECTIONS["Checking"].count("| `dialplan.toml:") > 15


def test_the_hook_on_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    [source] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "hooks_of_the_page.py").write_text(source)
    plan, now = parse(FILES[1]), datetime(2026, 3, 2, tzinfo=UTC)

    [overflow] = hooks.load(["hooks_of_the_page:overflow"], tmp_path).functions.values()

    caller = HookCall(call="1", direction="incoming", from_="+12025550142", to="+13125550200")
    answer = overflow(msgspec.structs.replace(caller, tags=("vip",)), now)
    assert overflow(caller, now) is None
    assert answer == Ring("sales", otherwise=Say("We will call you back within the hour."))
    assert checked(plan, answer) is None


def test_the_page_says_what_a_hook_sees():
    assert [name for name in HookCall.__struct_fields__ if f"`{name}`" not in SECTIONS["Hooks"]] == []
