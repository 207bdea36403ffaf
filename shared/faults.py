"""The one test switch: named crash points and switched-off mechanisms, armed by TRUNKLINE_TEST_FAULT.

`name` fires at the first pass, `name:n` at the n-th; several are separated by commas. `settings.py` refuses the
variable unless TELNYX_BASE_URL is loopback, so a production process can never be armed.
"""

import os
import signal
from collections import Counter

CRASH_POINTS = frozenset(
    {
        "after_start",  # a job was taken from the queue, nothing was done yet
        "after_commit",  # the decision is stored, nothing was sent yet
        "after_write",  # the request's bytes are on the wire, no answer was read
        "before_settle",  # Telnyx has answered, the outcome is not stored
    }
)

_armed: dict[str, int] = {}
_passes: Counter[str] = Counter()


def parse(text: str) -> dict[str, int]:
    """Read `name[:n],…` into name -> n. Raises ValueError with the reason for the operator."""
    armed: dict[str, int] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, count = item.partition(":")
        if name not in CRASH_POINTS:
            raise ValueError(f"unknown fault {name!r}; known: {', '.join(sorted(CRASH_POINTS))}")
        if count and not (count.isascii() and count.isdigit() and int(count) > 0):
            raise ValueError(f"{item!r}: the number after the colon must be 1 or more")
        armed[name] = int(count or 1)
    return armed


def arm(faults: dict[str, int]) -> None:
    """Set what will fire in this process; called once, by the root of the process."""
    _armed.update(faults)


def crash_point(name: str) -> None:
    """Die here, as by SIGKILL, when this point is armed and this is its n-th pass."""
    if name not in _armed:
        return
    _passes[name] += 1
    if _passes[name] == _armed[name]:
        os.kill(os.getpid(), signal.SIGKILL)
