"""One commit, as a value, and as the arguments that `commit.lua` takes."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

from shared import calls, faults, queues
from shared.calls import TOMBSTONE_S, Call
from shared.ids import CallId, Row
from shared.queues import Kind
from workers.delivery import outbox
from workers.delivery.outbox import Command, Token
from workers.logic.decision import Admission, Decision, Download, Timer, Told

DAY_S: Final = 24 * 3600


class Loaded(NamedTuple):
    """A call as it is now; `call` is None for one that has no record yet."""

    id: CallId
    version: int
    call: Call | None
    applied: bool  # the event in hand was applied before
    turns: Mapping[str, int] = {}  # of each round robin, over the whole fleet


class Change(NamedTuple):
    """One commit: `before` as it was read, what was decided, and the account of what it was decided about."""

    before: Loaded
    decision: Decision
    commands: list[Command]  # as built from `decision.outgoing`, in its order
    timeline: list[bytes]
    event: str | None = None
    settle: Row | None = None
    token: Token | None = None


class _Blobs:
    """Binary arguments of a script, named by their place in ARGV (1 is the map)."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def add(self, blob: bytes) -> int:
        self.held.append(blob)
        return len(self.held) + 1

    def add_job(self, function: str, body: bytes) -> int:
        """What a job carries that is made now."""
        return self.add(queues.job_data(function, time.time(), body))


def arguments(change: Change, kind: Kind, token: Token, sending: set[Row], history_s: int) -> list[bytes]:
    """ARGV of commit.lua. `sending` are the new commands that go out at once if the claim is granted."""
    decision, before, blobs = change.decision, change.before, _Blobs()
    call, version = decision.call, before.version + 1
    ttl = _ttl(call)
    said = {
        "call": call.id,
        "version": None if faults.is_off("version_check") else before.version,
        "record": blobs.add(calls.encode(call)),
        "event": change.event,
        "kind": kind,
        "token": token,
        "settle": change.settle,
        "rows": [
            (command.row, blobs.add(outbox.encode(command)), outgoing.delay_s, int(command.row in sending))
            for command, outgoing in zip(change.commands, decision.outgoing, strict=True)
        ],
        "aliases": _aliases(before.call, call),
        "timers": [(*_timer(call.id, version, timer.name, blobs), timer.delay_s) for timer in decision.timers],
        "cancelled": [_timer_id(call.id, set_by, name) for name, set_by in decision.cancelled],
        "download": _download(decision.download, blobs),
        "admission": _admission(call.id, version, decision.admission, blobs),
        "left": decision.left or None,
        "alive": not ttl and any(leg.control_id and leg.ended is None for leg in call.legs.values()),
        "told": _told(call.id, version, decision.told, blobs),
        "plan": _plan(call, decision.timers),
        "turn": decision.turn and (decision.turn.group, decision.turn.number),
        "timeline": [blobs.add(entry) for entry in change.timeline],
        "ttl": ttl,
        "history": history_s,
        "lease": lease_s(),
        "iso": queues.rq_time(datetime.now(UTC)),
        "failure_ttl": queues.FAILED_TTL_S,
        "retries_left": queues.RETRIES_LEFT,
        "deadlines": queues.DEADLINE_S,
    }
    return [msgspec.msgpack.encode(said), *blobs.held]


def lease_s() -> float:
    """How long a claim that is granted now is nobody else's."""
    return 0.0 if faults.is_off("claim_lease") else queues.LEASE_S


def _ttl(call: Call) -> int:
    """Seconds to keep a call: 0 for no end while it lives, a tombstone's when it is over or never began."""
    return TOMBSTONE_S if call.over or not (call.main or call.request) else 0


def _aliases(before: Call | None, after: Call) -> list[str]:
    """Keys that lead to the call: those that are new, or all of them where they expire, now or until now."""
    known = _keys(before) if before is not None and not _ttl(before) and not _ttl(after) else set()
    return sorted(_keys(after) - known)


def _keys(call: Call) -> set[str]:
    sessions = {queues.session_key(leg.session_id) for leg in call.legs.values() if leg.session_id}
    return sessions | {queues.leg_key(leg_id) for leg_id in call.legs}


def _timer(call_id: CallId, version: int, name: str, blobs: _Blobs) -> tuple[str, int]:
    body = msgspec.msgpack.encode((call_id, name, version))
    return _timer_id(call_id, version, name), blobs.add_job(queues.FIRE_TIMER, body)


def _timer_id(call_id: CallId, version: int, name: str) -> str:
    """Letters, digits, `_` and `-` only: RQ takes nothing else in a job id."""
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in name)
    return f"timer-{call_id}-{version}-{safe}"


def _admission(call_id: CallId, version: int, asked: Admission | None, blobs: _Blobs) -> tuple[object, ...] | None:
    if asked is None:
        return None
    limits = ("" if limit is None else limit for limit in (asked.rate, asked.most, asked.minute))
    return (*_timer(call_id, version, asked.name, blobs), asked.profile, *limits)


def _told(call_id: CallId, version: int, told: Told | None, blobs: _Blobs) -> tuple[str, int] | None:
    if told is None:
        return None
    return f"outcome-{call_id}-{version}", blobs.add_job(queues.TELL_OUTCOME, msgspec.json.encode(told))


def _download(download: Download | None, blobs: _Blobs) -> tuple[str, int] | None:
    if download is None:
        return None
    job = blobs.add_job(queues.ARCHIVE_RECORDING, msgspec.json.encode(download))
    return f"recording-{download.recording_id}", job


def _plan(call: Call, timers: tuple[Timer, ...]) -> tuple[str, int] | None:
    """The dialplan of a call that waits for days must not be forgotten meanwhile."""
    longest_s = max((timer.delay_s for timer in timers), default=0.0)
    return (queues.plan_key(call.plan), int(longest_s) + queues.PLAN_KEPT_S) if longest_s > DAY_S else None
