"""What the demo saw, as a table, and whether the promises held. Pure."""

import statistics
from collections import Counter, defaultdict
from typing import Any, Final, NamedTuple

from console.audit import Account
from console.demo.calls import Done, difference
from console.demo.scenarios import Kind
from shared import client_state
from shared.ids import CallId

OVERTAKEN_S: Final = 2.0  # a webhook that is sent again may come so much later than another, or as late as any did

Ledger = list[dict[str, Any]]
Legs = list[dict[str, Any]]


class Played(NamedTuple):
    """A call: its kind, our id of it, and Telnyx's session of it where a caller began it."""

    kind: Kind
    call: CallId
    session: str = ""


class Seen(NamedTuple):
    """Everything that the report is made of, read after the last call had ended."""

    played: list[Played]
    ledger: Ledger
    legs: Legs
    webhooks: list[dict[str, Any]]
    live_legs: int
    account: Account
    latencies_s: list[float]
    archived: Counter[str]
    """Recordings that are kept whole, by our id of their call."""
    seconds: float


class Promise(NamedTuple):
    text: str
    held: bool


def outcomes(seen: Seen) -> list[tuple[Played, Done]]:
    """What came of each call."""
    calls = _calls_by_session(seen)
    commands: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in seen.ledger:
        if entry["effective"]:
            commands[calls.get(entry["session_id"], "")][entry["verb"]] += 1
    partners: dict[str, Legs] = defaultdict(list)
    for leg in seen.legs:
        if leg["direction"] == "outgoing" and leg["answered_at"] is not None:
            partners[calls.get(leg["call_session_id"], "")].append(leg)
    return [(one, _done(one, commands[one.call], partners[one.call], seen)) for one in seen.played]


def _done(played: Played, commands: Counter[str], answered: Legs, seen: Seen) -> Done:
    """Whoever was called by request is one end of the call; who was connected is the other."""
    called = played.kind.request.to if played.kind.request else ""
    others = [leg for leg in answered if leg["to"] != called]
    connected = [leg for leg in others if leg["bridged_at"] is not None]
    taken = min((leg["answered_at"] for leg in connected), default=0.0)
    since = taken - max(OVERTAKEN_S, *seen.latencies_s)
    return Done(
        commands,
        tuple(leg["to"] for leg in connected),
        seen.archived[played.call],
        tuple(leg["to"] for leg in others if leg["answered_at"] < since),
    )


def _calls_by_session(seen: Seen) -> dict[str, str]:
    """Our id of the call of each session: a dial's client_state names the call that asked for it."""
    calls: dict[str, str] = {one.session: one.call for one in seen.played if one.session}
    for entry in seen.ledger:
        tag = client_state.read(entry["body"].get("client_state")) if isinstance(entry["body"], dict) else None
        if entry["verb"] == "dial" and tag and entry["session_id"]:
            calls[entry["session_id"]] = tag.call
    return calls


def table(kinds: list[tuple[Kind, str]], hours: str, seen: Seen) -> str:
    """One row a kind, and the totals. A kind that could not be played now has the rule that takes its calls."""
    width = max(len(kind.name) for kind, _ in kinds)
    came = outcomes(seen)
    rows = [f"{'kind of call':{width}} {'calls':>5} {'right':>5}  commands that took effect"]
    for kind, instead in kinds:
        done = [what for played, what in came if played.kind.name == kind.name]
        right = sum(not difference(kind.expect, what) for what in done)
        total: Counter[str] = sum((what.commands for what in done), Counter())
        told = ", ".join(f"{count} {verb}" for verb, count in sorted(total.items()))
        rows.append(
            f"{kind.name:{width}} {'-':>5} {'-':>5}  not now: {instead!r} takes it"
            if instead
            else f"{kind.name:{width}} {len(done):5} {right:5}  {told}"
        )
    return "\n".join([*rows, "", *_totals(hours, seen)])


def _totals(hours: str, seen: Seen) -> list[str]:
    attempts = sum(len(hook["statuses"]) for hook in seen.webhooks)
    ids = {(entry["call_control_id"], entry["command_id"]) for entry in seen.ledger if entry["command_id"]}
    effective = Counter(entry["verb"] for entry in seen.ledger if entry["effective"])
    faults = Counter(entry["fault"] for entry in seen.ledger if entry["fault"])
    told = ", ".join(f"{count} {name}" for name, count in sorted(faults.items())) or "none"
    latencies = sorted(seen.latencies_s)
    messages = effective["record_start"]
    return [
        f"hours        {hours}",
        f"calls        {len(seen.played)} in {seen.seconds:.1f} s",
        f"events       {len(seen.webhooks)} webhooks in {attempts} attempts; {seen.account.duplicates} duplicates",
        f"commands     {len(ids)} by id, sent {len(seen.ledger)} times, took effect {effective.total()} times",
        f"faults       {told}",
        f"recordings   {seen.archived.total()} archived; {messages} were messages in a voicemail box",
        f"webhook to command   p50 {_ms(latencies, 0.5)}, p99 {_ms(latencies, 0.99)}",
    ]


def _ms(ordered: list[float], share: float) -> str:
    if len(ordered) < 2:
        return "-"
    cut = statistics.quantiles(ordered, n=100, method="inclusive")
    return f"{cut[round(share * 100) - 1] * 1000:.0f} ms"


def wrong(seen: Seen) -> list[str]:
    """A line for each call that did not do what its dialplan says."""
    told = ((played, difference(played.kind.expect, done)) for played, done in outcomes(seen))
    return [f"{played.kind.name}, call {played.call}: {text}" for played, text in told if text]


def promises(seen: Seen) -> list[Promise]:
    """What must hold whatever went wrong on the way."""
    doubled = Counter(
        (entry["call_control_id"] if entry["verb"] != "dial" else "", entry["command_id"])
        for entry in seen.ledger
        if entry["effective"]
    )
    right = len(seen.played) - len(wrong(seen))
    archived, recorded = seen.archived.total(), sum(one.kind.expect.recordings for one in seen.played)
    events = {hook["id"] for hook in seen.webhooks}
    requests = sum(one.kind.request is not None for one in seen.played)
    return [
        Promise("every webhook was acknowledged", all(hook["delivered"] for hook in seen.webhooks)),
        Promise("every event was accepted once", seen.account.accepted == len(events) + requests),
        Promise("accepted = applied + parked + pending", seen.account.balanced),
        Promise("nothing is pending, nothing was parked", not seen.account.pending and not seen.account.parked),
        Promise("no command took effect twice", max(doubled.values(), default=0) <= 1),
        Promise("one id always carried the same bytes", _same_bytes(seen.ledger)),
        Promise(f"every call did what its dialplan says ({right}/{len(seen.played)})", right == len(seen.played)),
        Promise(f"every recording is archived whole ({archived}/{recorded})", archived == recorded),
        Promise("no leg was left behind", seen.live_legs == 0),
    ]


def _same_bytes(ledger: Ledger) -> bool:
    return all(entry["same_bytes_as_first"] is not False for entry in ledger)
