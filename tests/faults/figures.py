"""The figures that a run of the fault plan leaves: rows, collected from all pytest processes into one file."""

from pathlib import Path

import msgspec
import pytest

NAME = "figures"  # of the property of a test's report


class Row(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One scenario in one way. `None`: does not apply here; times are seconds."""

    scenario: str  # F1 to F24
    what: str  # was done to the fleet, in a line
    events: int | None = None  # told and acknowledged
    faults: int | None = None  # kills, cuts, refused answers: what `what` counts
    lost: int | None = None
    doubled: int | None = None
    recovery: list[float] = []  # of each fault that had to be recovered from
    note: str = ""


class Collector:
    """A pytest plugin, of the process that runs no tests itself where there are several."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[Row] = []

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            told = (value for name, value in report.user_properties if name == NAME)
            self._rows += [msgspec.convert(value, Row) for value in told]

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        self._path.write_bytes(msgspec.json.format(msgspec.json.encode(self._rows)))
