"""Waiting for conditions."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

PATIENCE_S: Final = 20.0  # for what takes well under a second on an idle machine
_LOOK_EVERY_S: Final = 0.02

T = TypeVar("T")


def wait_until(holds: Callable[[], T], what: str, within_s: float = PATIENCE_S) -> T:
    """What `holds()` returned when it was first true; fails with `what` when it never is."""
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        assert time.monotonic() < deadline, f"still waiting after {within_s:g} s: {what}; last seen: {found!r}"
        time.sleep(_LOOK_EVERY_S)
    return found


def wait_for(look: Callable[[], object], expected: object, within_s: float = PATIENCE_S) -> None:
    """Return when `look()` equals `expected`; fails with the difference when it never does."""
    deadline = time.monotonic() + within_s
    while (seen := look()) != expected:
        assert time.monotonic() < deadline, f"after {within_s:g} s {seen!r} instead of {expected!r}"
        time.sleep(_LOOK_EVERY_S)
