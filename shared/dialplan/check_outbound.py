"""What the types cannot say of a profile of outbound calls."""

from collections.abc import Iterator
from typing import Final

from shared.dialplan.faults import Fault, wrong
from shared.dialplan.forms import is_duration, is_hook_name
from shared.dialplan.schema import LeaveMessage, Outbound
from shared.dialplan.walk import KeyPath, branches, steps
from shared.numbers import is_number

_NEEDS_AMD: Final = 'needs amd = { mode = "premium" }'


def outbound_faults(path: KeyPath, outbound: Outbound) -> Iterator[Fault]:
    if not is_number(outbound.from_):
        yield wrong((*path, "from"), outbound.from_)
    if outbound.clock == "recipient" and outbound.schedule is None:
        yield Fault((*path, "clock"), "needs a schedule that the recipient's clock is held against")
    for outcome, wait in outbound.retry_after.items():
        if not is_duration(wait):
            yield wrong((*path, "retry_after", outcome), wait)
    if outbound.on_outcome is not None and not is_hook_name(outbound.on_outcome):
        yield wrong((*path, "on_outcome"), outbound.on_outcome)
    if outbound.amd is None:
        yield from _detecting(path, outbound)


def _detecting(path: KeyPath, outbound: Outbound) -> Iterator[Fault]:
    """What can never be reached when nothing is detected."""
    for branch, root in branches(outbound, path):
        if branch != (*path, "human"):
            yield Fault(branch, f"{_NEEDS_AMD}; without it every answered call is human")
        for place, action in steps(root, branch):
            if isinstance(action, LeaveMessage):
                yield Fault(place, f"{_NEEDS_AMD}; without it no greeting's end is told")
