"""A stack in the middle of calls: each is answered, told something and hung up, while Telnyx is slow."""

from typing import Final

from tests.e2e.stack import Stack
from tests.waiting import wait_until

CALLED_BACK: Final = "+13125550300"  # an announcement, in the example dialplan
DONE: Final = ["answer", "speak", f"hangup {CALLED_BACK}"]


def busy(stack: Stack, calls: int, to: str = CALLED_BACK) -> list[str]:
    """Let so many ring in at once; their sessions, as soon as commands are in flight."""
    stack.sim.config(first_command_timeout_secs=300)
    stack.sim.faults({"fault": "slow"})  # so that there are always commands in flight
    sessions = [stack.sim.ring_in(to) for _ in range(calls)]
    wait_until(lambda: len(stack.sim.ledger()) >= calls / 2, "it is busy")
    return sessions
