"""An empty database for each test, as those of the workers have it; stacks of a test's own."""

from tests.e2e.conftest import own_stack, pytest_runtest_makereport
from tests.integration.workers.conftest import url

__all__ = ["own_stack", "pytest_runtest_makereport", "url"]
