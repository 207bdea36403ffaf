"""SECURITY.md names tests that exist, and every file of tests/integration/security."""

import re

from tests.processes import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.partition("## The checklist")[2].splitlines() if line.startswith("|")][2:]
TEST = re.compile(r"`(tests/[\w/.]+)`")


def test_every_test_that_is_named_exists():
    missing = {path for path in TEST.findall(PAGE) if not (ROOT / path).is_file()}

    assert missing == set()


def test_every_control_names_a_test():
    assert len(ROWS) >= 15
    assert [row for row in ROWS if not TEST.search(row)] == []


def test_every_security_test_is_named():
    there = {
        f"tests/integration/security/{path.name}" for path in ROOT.glob("tests/integration/security/test_*.py")
    }

    assert there - set(TEST.findall(PAGE)) == set()
