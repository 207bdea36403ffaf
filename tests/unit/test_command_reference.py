"""The reference of the commands says what the parser says."""

from tests.command_reference import EXITS_1, PAGE, commands, page


def test_the_reference_is_up_to_date():
    assert page() == PAGE.read_text(encoding="utf-8"), "make it anew: python -m tests.command_reference"


def test_the_reference_has_every_command_once():
    headings = [line.removeprefix("### ") for line in page().splitlines() if line.startswith("### ")]

    assert headings == [name for name, _, _ in commands()]
    assert {"demo", "dialplan check", "telnyx applications list"} <= set(headings)
    assert len(headings) == len(set(headings))


def test_exit_codes_are_told_of_commands_that_exist():
    known = {name for name, _, _ in commands()} | {name.partition(" ")[0] for name, _, _ in commands()}

    assert set(EXITS_1) <= known
