"""The page on what is covered says what the code says."""

import pytest

from tests.telnyx_contract import OPERATIONS
from tests.telnyx_coverage import PAGE, page


@pytest.fixture(scope="module")
def made():
    return page()


def test_the_coverage_page_is_up_to_date(made):
    assert made == PAGE.read_text(encoding="utf-8"), "make it anew: python -m tests.telnyx_coverage"


def test_the_coverage_page_has_every_operation_and_nothing_missing(made):
    rows = [line for line in made.splitlines() if line.startswith("| `")]

    shares = [cell for row in rows for cell in row.split(" | ") if cell.replace("/", "").isdigit()]

    assert {row.split("`")[1] for row in rows} >= OPERATIONS.keys()
    assert shares
    assert [share for share in shares if len(set(share.split("/"))) != 1] == []
