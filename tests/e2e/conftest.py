"""Stacks of a test's own, and the logs of all processes under a test that failed."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stack import ALIVE, Stack


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Stacks that a test may break: `own_stack("--adopt", dialplan=path).start("web", "routing")`."""
    with ExitStack() as ends:

        def build(*sim_arguments: str, **wiring: Any) -> Stack:
            return ends.enter_context(Stack(tmp_path, *sim_arguments, **wiring))

        yield build


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The last lines of each log tell more than the assertion."""
    report = yield
    if report.failed:
        report.sections += [(f"log of {name}", log) for stack in ALIVE for name, log in stack.logs.items() if log]
    return report
