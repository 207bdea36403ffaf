"""A fleet to break, the size of what is done to it, and the figures that a run leaves."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.faults.figures import NAME, Row
from tests.faults.fleet import Fleet


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long_only: of the long set alone, since a few seconds would show nothing")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Neither run nor skipped in the short set: not there at all."""
    if config.getoption("--faults") == "short":
        left_out = [item for item in items if item.get_closest_marker("long_only")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """`make faults` rather than the short set of `make test`."""
    return bool(request.config.getoption("--faults") == "long")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--seed"))


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Callable[..., Fleet]]:
    """Fleets that a test may break: `fleet("--speed", "2", dialplan=path).start()`."""
    with ExitStack() as ends:

        def build(*sim_arguments: str, **wiring: Any) -> Fleet:
            return ends.enter_context(Fleet(tmp_path, *sim_arguments, **wiring))

        yield build


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    """What a test begins beside its fleet, and is to end before that."""
    with ExitStack() as ends:
        yield ends


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Leaves a row of docs/reliability.md: `figures("F1", what="SIGKILL of a worker", faults=500, lost=0, …)`."""

    def leave(scenario: str, **told: Any) -> None:
        row = Row(scenario=scenario, **told)
        record_property(NAME, msgspec.to_builtins(row))
        print(row)  # noqa: T201 - for -s, and under a test that fails

    return leave
