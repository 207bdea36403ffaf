"""docs/reliability.md names tests that exist, and has every mechanism."""

import re

from tests.faults.report import MECHANISMS, PAGE, filled, mechanisms
from tests.processes import ROOT

TEST = re.compile(r"`(tests/[\w/.]+)`")


def test_every_test_that_is_named_exists():
    named = TEST.findall(PAGE.read_text(encoding="utf-8"))

    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_table_of_mechanisms_is_the_one_that_is_tested():
    page = PAGE.read_text(encoding="utf-8")

    assert page == filled(page, *MECHANISMS, mechanisms()), "run `python -m tests.faults.report`"
