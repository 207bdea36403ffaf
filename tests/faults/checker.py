"""What was lost, what was done twice, and which calls came to something else than each by itself. Reads only."""

from collections import Counter
from functools import cache
from typing import Any, NamedTuple

import msgspec

from console.demo.report import Seen
from shared.dialplan import Plan
from shared.queues import KINDS
from tests.e2e.books import Books
from tests.e2e.scenario_calls import by_itself, described
from tests.e2e.standin import Entry


class Found(NamedTuple):
    """Event ids, command ids, calls; all empty when the promises held. `events`: how many were acknowledged."""

    events: int
    lost: list[str]
    doubled: list[str]
    changed: list[str]
    wrong: list[str]
    left_over: dict[str, Any]

    @property
    def nothing(self) -> bool:
        return not (self.lost or self.doubled or self.changed or self.wrong or self.left_over)


def check(books: Books, plan: Plan, seen: Seen) -> Found:
    """Of a whole morning, after it: each call's end is compared with that of the call alone (`tests/alone.py`)."""
    told = check_events(books, seen)
    return told._replace(wrong=_wrong(books, plan, seen))


def check_events(books: Books, seen: Seen) -> Found:
    """Without the calls' ends: of runs in which some must differ, since what they depend on comes too late."""
    applied = Counter(event.id for call in books.calls() for event in books.events(call.id) if event.raw)
    parked = {letter for kind in KINDS for letter in books.dead_letters(kind)}
    acknowledged = {hook["id"] for hook in seen.webhooks if hook["delivered"]}
    unacknowledged = {hook["id"] for hook in seen.webhooks if not hook["delivered"]}
    account = seen.account
    left = {
        "legs": seen.live_legs,
        "pending": account.pending,
        "parked": account.parked,
        "never acknowledged": len(unacknowledged),
        "unbalanced": int(not account.balanced),
    }
    return Found(
        events=len(acknowledged),
        lost=sorted(acknowledged - applied.keys() - parked),
        doubled=sorted([event for event, times in applied.items() if times > 1] + effective_twice(seen.ledger)),
        changed=[str(entry["command_id"]) for entry in seen.ledger if entry["same_bytes_as_first"] is False],
        wrong=[],
        left_over={name: count for name, count in left.items() if count},
    )


def effective_twice(ledger: list[dict[str, Any]]) -> list[str]:
    """Ids of commands that took effect more than once. An id counts for a call, that of a dial for the account."""
    times = Counter(
        (entry["call_control_id"] if entry["verb"] != "dial" else "", str(entry["command_id"]))
        for entry in ledger
        if entry["effective"]
    )
    return [command for (_, command), count in times.items() if count > 1]


def doubled(ledger: list[Entry]) -> list[str]:
    """The same of a ledger as the tests' stand-in tells it."""
    return effective_twice([msgspec.structs.asdict(entry) for entry in ledger])


def _wrong(books: Books, plan: Plan, seen: Seen) -> list[str]:
    alone = cache(lambda name: by_itself(plan, next(one.kind for one in seen.played if one.kind.name == name)))
    ends = [(one, described(books.call(one.call))) for one in seen.played]
    return [
        f"{one.kind.name}, call {one.call}: {end} instead of {alone(one.kind.name)}"
        for one, end in ends
        if end != alone(one.kind.name)
    ]
