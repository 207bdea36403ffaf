"""`python -m tests.e2e.record_calls [NAME…]`: play these kinds of calls for real and export each to tests/calls.

Run it for a kind that is new or has changed on purpose, and read the difference before you keep it.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from shared.ids import CallId, SessionId, inbound_call_id
from tests.e2e.process import ROOT
from tests.e2e.stack import ALL, Stack
from tests.waiting import wait_until

CALLS: Final = ROOT / "tests" / "calls"
CALLER: Final = "+12025550142"
CLINIC, DESK, PATIENT = "+13125550100", "+13125550111", "+17735550171"
SALES, FIRST, SECOND, ANA = "+13125550200", "+13125550211", "+13125550213", "sip:ana@sales.sip.telnyx.com"
BACK_OFFICE, ON_CALL, FIRST_ON_CALL, VOICEMAIL = "+13125550299", "+13125550220", "+13125550221", "+13125550120"

STAYS: Final = {"answers_after": 0.5}  # until somebody else hangs up
RINGS_ON: Final = {"no_answer": True}
BUSY: Final = {"answers_after": 0.5, "busy": True}
MACHINE: Final = {**STAYS, "as": "machine", "beep_after": 3.0}
LOOSE: Final = ({"fault": "dup", "probability": 0.3}, {"fault": "reorder", "probability": 0.5})


def connected(stack: Stack, call: CallId) -> bool:
    return stack.books.call(call).step.at == "connected"


def rings(stack: Stack, _: CallId) -> bool:
    return any(leg.to == DESK for leg in stack.sim.legs())


def records(stack: Stack, call: CallId) -> bool:
    sent = stack.books.call(call).sent.values()
    return any(one.verb == "record_start" and one.state == "done" for one in sent)


class Kind(NamedTuple):
    """A call to `to`, or placed by `profile`, and the people whom it reaches.

    `faults` come on top of doubled and reordered webhooks. The far end of its first leg hangs up as `until` says.
    """

    to: str
    people: Mapping[str, dict[str, Any]] = MappingProxyType({})
    profile: str = ""
    from_: str = CALLER
    faults: tuple[dict[str, Any], ...] = ()
    until: Callable[[Stack, CallId], bool] | None = None


KINDS: Final = {
    "transfer_taken": Kind(CLINIC, {DESK: STAYS}, until=connected),
    "transfer_busy": Kind(CLINIC, {DESK: BUSY}),
    "caller_gave_up": Kind(CLINIC, {DESK: RINGS_ON}, until=rings),
    "blocked_caller": Kind(CLINIC, from_="+19005550142"),
    "ring_group": Kind(SALES, {FIRST: RINGS_ON, SECOND: STAYS, ANA: RINGS_ON}, until=connected),
    "overflow": Kind(SALES, {FIRST: BUSY, SECOND: BUSY, ANA: BUSY, BACK_OFFICE: STAYS}, until=connected),
    "press_1": Kind(ON_CALL, {"*": STAYS, FIRST_ON_CALL: {**STAYS, "presses": ["1"]}}, until=connected),
    "voicemail": Kind(VOICEMAIL, until=records),
    "reminder_human": Kind(PATIENT, {PATIENT: STAYS, DESK: STAYS}, "reminder", until=connected),
    "reminder_machine": Kind(PATIENT, {PATIENT: MACHINE}, "reminder"),
    "reminder_busy_twice": Kind(PATIENT, {PATIENT: BUSY}, "reminder"),
    "answer_503_then_taken": Kind(
        CLINIC, {DESK: STAYS}, until=connected, faults=({"fault": "503", "on": "answer", "times": 2},)
    ),
    "transfer_lost_its_answer": Kind(
        CLINIC, {DESK: STAYS}, until=connected, faults=({"fault": "silence", "on": "transfer", "times": 2},)
    ),
}


def play(stack: Stack, kind: Kind) -> CallId:
    """A whole call, until nothing more comes of it."""
    stack.sim.reset()
    stack.sim.faults(*LOOSE, *kind.faults, seed=7)
    stack.sim.people(**kind.people)
    call, session = _placed(stack, kind) if kind.profile else _rung_in(stack, kind)
    until = kind.until
    if until is not None:
        wait_until(lambda: until(stack, call), until.__name__)
        stack.sim.hang_up(session)
    wait_until(lambda: stack.books.call(call).over, "it is over")
    stack.until_quiet()
    return call


def export(stack: Stack, call: CallId, file: Path) -> None:
    """As an operator does."""
    command = [sys.executable, "-m", "console", "calls", "export", call, "--out", str(file)]
    subprocess.run(command, cwd=ROOT, env=stack.env(), check=True)


def _rung_in(stack: Stack, kind: Kind) -> tuple[CallId, str]:
    session = stack.sim.ring_in(kind.to, kind.from_)
    wait_until(stack.sim.ledger, "it has got its first command")
    return inbound_call_id(SessionId(session)), session


def _placed(stack: Stack, kind: Kind) -> tuple[CallId, str]:
    call = stack.place_call(kind.profile, kind.to, name="Ana", when="on Monday at noon")
    wait_until(lambda: any(entry.effective for entry in stack.sim.ledger()), "it is dialled")
    return call, stack.sim.session_of_dial(kind.to)


def main() -> None:
    names = sys.argv[1:] or list(KINDS)
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder), "--speed", "10", dialplan=CALLS / "dialplan.toml") as stack,
    ):
        stack.start(*ALL)
        for name in names:
            export(stack, play(stack, KINDS[name]), CALLS / f"{name}.json")


if __name__ == "__main__":
    main()
