"""`trunkline dead` on the tests' Valkey."""

from collections.abc import Callable

import pytest

from tests.command import trunkline


@pytest.fixture
def dead(redis_url: str) -> Callable[..., tuple[int, str]]:
    """`dead("list", "--json")`: the exit code, and what was printed."""

    def ask(*words: str) -> tuple[int, str]:
        done = trunkline("dead", *words, REDIS_URL=redis_url)
        return done.returncode, done.stdout + done.stderr

    return ask
