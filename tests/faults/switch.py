"""What a run of the tests does without: mechanisms that its own TRUNKLINE_TEST_FAULT names."""

import os
from typing import Final

from shared import faults

SWITCH: Final = "TRUNKLINE_TEST_FAULT"


def switched_off() -> str:
    """As the variable has it; empty for every usual run. A crash point would end pytest itself."""
    named = os.environ.get(SWITCH, "")
    assert not faults.CRASH_POINTS.intersection(faults.parse(named)), (
        f"{SWITCH}={named} is for a process, not for pytest"
    )
    return named
