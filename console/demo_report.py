"""What the demo saw, as a table, and whether the promises held. Pure."""

import statistics
from collections import Counter, defaultdict
from typing import Any, NamedTuple

from console.audit import Account
from console.demo_calls import KINDS, Kind, as_expected

Ledger = list[dict[str, Any]]


class Played(NamedTuple):
    """A call: its kind, and Telnyx's session of it."""

    kind: Kind
    session: str


class Seen(NamedTuple):
    """Everything that the report is made of, read after the last call had ended."""

    played: list[Played]
    ledger: Ledger
    webhooks: list[dict[str, Any]]
    live_legs: int
    account: Account
    latencies_s: list[float]
    recordings_good: int
    seconds: float


class Promise(NamedTuple):
    text: str
    held: bool


def table(seen: Seen) -> str:
    """One row a kind, and the totals."""
    effective = _effective_by_session(seen.ledger)
    rows = [f"{'kind of call':34} {'calls':>5} {'right':>5}  commands that took effect"]
    for kind in KINDS:
        calls = [played for played in seen.played if played.kind is kind]
        right = sum(as_expected(kind, effective[played.session]) for played in calls)
        total: Counter[str] = sum((effective[played.session] for played in calls), Counter())
        told = ", ".join(f"{count} {verb}" for verb, count in sorted(total.items()))
        rows.append(f"{kind.name:34} {len(calls):5} {right:5}  {told}")
    return "\n".join([*rows, "", *_totals(seen)])


def _totals(seen: Seen) -> list[str]:
    attempts = sum(len(hook["statuses"]) for hook in seen.webhooks)
    ids = {(entry["call_control_id"], entry["command_id"]) for entry in seen.ledger if entry["command_id"]}
    done = sum(entry["effective"] for entry in seen.ledger)
    faults = Counter(entry["fault"] for entry in seen.ledger if entry["fault"])
    told = ", ".join(f"{count} {name}" for name, count in sorted(faults.items())) or "none"
    latencies = sorted(seen.latencies_s)
    return [
        f"calls        {len(seen.played)} in {seen.seconds:.1f} s",
        f"events       {len(seen.webhooks)} webhooks in {attempts} attempts; {seen.account.duplicates} duplicates",
        f"commands     {len(ids)} by id, sent {len(seen.ledger)} times, took effect {done} times",
        f"faults       {told}",
        f"recordings   {seen.recordings_good} archived",
        f"webhook to command   p50 {_ms(latencies, 0.5)}, p99 {_ms(latencies, 0.99)}",
    ]


def _ms(ordered: list[float], share: float) -> str:
    if len(ordered) < 2:
        return "-"
    cut = statistics.quantiles(ordered, n=100, method="inclusive")
    return f"{cut[round(share * 100) - 1] * 1000:.0f} ms"


def promises(seen: Seen) -> list[Promise]:
    """What must hold whatever went wrong on the way."""
    effective = _effective_by_session(seen.ledger)
    doubled = Counter(
        (entry["call_control_id"] if entry["verb"] != "dial" else "", entry["command_id"])
        for entry in seen.ledger
        if entry["effective"]
    )
    right = sum(as_expected(played.kind, effective[played.session]) for played in seen.played)
    recorded = sum(played.kind.recorded for played in seen.played)
    events = {hook["id"] for hook in seen.webhooks}
    requests = sum(bool(played.kind.profile) for played in seen.played)
    return [
        Promise("every webhook was acknowledged", all(hook["delivered"] for hook in seen.webhooks)),
        Promise("every event was accepted once", seen.account.accepted == len(events) + requests),
        Promise("accepted = applied + parked + pending", seen.account.balanced),
        Promise("nothing is pending, nothing was parked", not seen.account.pending and not seen.account.parked),
        Promise("no command took effect twice", max(doubled.values(), default=0) <= 1),
        Promise("one id always carried the same bytes", _same_bytes(seen.ledger)),
        Promise(f"every call did what its dialplan says ({right}/{len(seen.played)})", right == len(seen.played)),
        Promise(
            f"every recording is archived whole ({seen.recordings_good}/{recorded})",
            seen.recordings_good == recorded,
        ),
        Promise("no leg was left behind", seen.live_legs == 0),
    ]


def _same_bytes(ledger: Ledger) -> bool:
    return all(entry["same_bytes_as_first"] is not False for entry in ledger)


def _effective_by_session(ledger: Ledger) -> dict[str, Counter[str]]:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in ledger:
        if entry["effective"]:
            counted[entry["session_id"]][entry["verb"]] += 1
    return counted
