"""The one test switch: named crash points and switched-off mechanisms, armed by TRUNKLINE_TEST_FAULT.

`name` is a crash point that fires at the first pass, `name:n` one that fires at the n-th; `no_name` switches a
mechanism off. Several are separated by commas. `settings.py` refuses the variable unless TELNYX_BASE_URL is
loopback: a production process can never be armed. tests/faults/mechanisms.py has the tests that fail without each.
"""

import os
import signal
from collections import Counter
from typing import Final

CRASH_POINTS: Final = frozenset(
    {
        "before_store",  # the ingress has verified an event, nothing is stored
        "after_store",  # the event is stored, no 200 was given
        "after_move",  # a job's id is in the intermediate list, the job was not taken yet
        "after_start",  # a job was taken from the queue, nothing was done yet
        "before_commit",  # it is decided what comes of an event, nothing of that is stored
        "after_commit",  # the decision is stored, nothing was sent yet
        "before_finish",  # jobs are done, but still there and leased
        "after_claim",  # the commands of a call that waited are this worker's to send
        "before_write",  # it is stored that a command is about to be sent, no byte of it is out
        "after_write",  # the request's bytes are on the wire, no answer was read
        "before_settle",  # Telnyx has answered, the outcome is not stored
        "after_sweep",  # what dead workers had left was put back by this one
    }
)
MECHANISMS: Final = frozenset(
    {
        "durable_answer",  # an event is acknowledged when the server has replied to its group commit, not before
        "seen_key",  # the ingress remembers the ids that it has accepted
        "applied_set",  # a call remembers the ids that it has applied
        "version_check",  # a commit counts only on the version of the call that it was decided on
        "outbox",  # a command is stored before its first byte goes out
        "first_stamp",  # when a command is first sent, and that its effect may stay unseen, is stored before that
        "claim_lease",  # a call whose commands are being sent is nobody else's for a while
        "drain_token",  # who has lost a claim can store nothing under it
        "stored_id",  # a resend has the id and the bytes of the first send
        "silence_resend",  # after half a second of silence the same bytes go out on another connection
        "fifty_s_rule",  # nothing is sent again later than 50 s after its first send
        "unknown_outcome",  # a refusal after a try without an answer is not a failure
        "still_wanted",  # a command whose call is over meanwhile is not sent
        "sweep",  # what a dead worker has left goes back, what is due is pushed
        "lost_push",  # an accepted event that is nowhere is pushed again
        "patience",  # after an outage of the server every lease is given the time to be renewed
        "finish_fence",  # only who still has the lease of a job may end it
        "start_fence",  # only an id that is still in the intermediate list is started
        "loop_watch",  # leases are renewed only while the event loop turns
        "suspects_alone",  # a job that has lost two leases runs alone in its process
    }
)

_OFF: Final = "no_"
_armed: dict[str, int] = {}
_passes: Counter[str] = Counter()
_off: set[str] = set()


def parse(text: str) -> dict[str, int]:
    """Read `name[:n],…` into name -> n. Raises ValueError with the reason for the operator."""
    armed: dict[str, int] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, count = item.partition(":")
        is_mechanism = name.startswith(_OFF) and name.removeprefix(_OFF) in MECHANISMS
        if name not in CRASH_POINTS and not is_mechanism:
            known = (*sorted(CRASH_POINTS), *(_OFF + mechanism for mechanism in sorted(MECHANISMS)))
            raise ValueError(f"unknown fault {name!r}; known: {', '.join(known)}")
        if count and is_mechanism:
            raise ValueError(f"{item!r}: a mechanism is off from the beginning and takes no number")
        if count and not (count.isascii() and count.isdigit() and int(count) > 0):
            raise ValueError(f"{item!r}: the number after the colon must be 1 or more")
        armed[name] = int(count or 1)
    return armed


def arm(faults: dict[str, int]) -> None:
    """Set what will fire in this process, and what is off; called once, by the root of the process."""
    _off.update(name.removeprefix(_OFF) for name in faults.keys() - CRASH_POINTS)
    _armed.update(faults)


def is_off(mechanism: str) -> bool:
    """Whether this process does without the mechanism, so that a test can show that it is missed."""
    return mechanism in _off


def crash_point(name: str) -> None:
    """Die here, as by SIGKILL, when this point is armed and this is its n-th pass."""
    if name not in _armed:
        return
    _passes[name] += 1
    if _passes[name] == _armed[name]:
        os.kill(os.getpid(), signal.SIGKILL)
