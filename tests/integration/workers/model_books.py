"""What must hold after every step, kept by whoever sees every commit, every request and every arrival."""

from collections import Counter
from typing import Final

import redis

from shared import queues
from shared.calls import Call
from shared.commands import Request
from shared.ids import CallId, Row
from tests.integration.workers.model_far_side import FarSide
from tests.integration.workers.model_seen import NOTHING, Seen, rows_of
from workers.delivery import outbox
from workers.delivery.change import Change
from workers.delivery.outbox import Claim, Command
from workers.delivery.store import Committed

AFTER_THE_END: Final = {"hangup", "look_at_leg", "look_for_leg"}


class Books:
    """One call, from outside. What does not hold is kept in `faults` until `check`: a worker would survive it."""

    def __init__(self, valkey: "redis.Redis", far_side: FarSide) -> None:
        self.call = CallId("")  # until its first commit
        self.record: Call | None = None
        self.version = 0
        self.commands: dict[Row, Command] = {}
        self.timers: dict[tuple[str, int], float] = {}  # what the call waits for, and until when by the far clock
        self.faults: list[str] = []
        self.seen = NOTHING
        self._token = ""  # with which the last script was run
        self._events: Counter[str] = Counter()
        self._valkey = valkey
        self._far_side = far_side
        self._judged = 0

    def used(self, token: str | None) -> None:
        """A script is run with the token of a claim, or with none."""
        self._token = token or ""

    def committed(self, change: Change, result: Committed) -> Committed:
        if result.verdict != "ok":
            return result
        before, after = change.before, change.decision.call
        self._must(self.call in {"", before.id}, "one call has become two")
        self._must(before.version == self.version, f"decided on {before.version}, stored over {self.version}")
        self._must(change.settle is None or change.token == self.seen.token, f"{change.token} settled unheld")
        self.call, self.version, self.record = before.id, before.version + 1, after
        if change.event is not None:
            self._events[change.event] += 1
            self._must(self._events[change.event] == 1, f"event {change.event} was applied twice")
        self._absorbs(before.call or Call(after.id), after, change)
        for command in change.commands:
            self._must(command.row not in self.commands, f"row {command.row} was committed twice")
            self.commands[command.row] = command
        for name, set_by in change.decision.cancelled:
            self.timers.pop((name, set_by), None)
        for timer in change.decision.timers:
            self.timers[timer.name, self.version] = self._far_side.now + timer.delay_s
        return result

    def _absorbs(self, before: Call, after: Call, change: Change) -> None:
        """Once over, always over; a leg that has ended has ended."""
        self._must(before.step.at != "over" or after.step.at == "over", "a call that was over goes on")
        sent = {command.verb for command in change.commands}
        self._must(after.step.at != "over" or sent <= AFTER_THE_END, f"{sent} after the end")
        for leg_id, leg in before.legs.items():
            self._must(leg.ended is None or after.legs[leg_id].ended is not None, f"{leg_id} lives again")

    def stamped(self, token: str, result: Claim | None) -> Claim | None:
        self._must(result is None or token == self.seen.token, f"{token} stamped unheld")
        return result

    def leaves(self, request: Request) -> None:
        """A request is about to be written: it is of a command whose turn it is, and Valkey knows of the try."""
        stored = self._valkey.hgetall(queues.outbox_key(self.call))
        row = next((row for row, one in self.commands.items() if one.command_id and one.request == request), None)
        if row is None or b"%d" % row not in stored:
            return  # a look; or a late copy of what was settled: Telnyx has to know it
        self._must(stored.get(b"%d.uncertain" % row) == b"1", f"row {row} leaves unmarked")
        self._must(b"%d.first" % row in stored, f"row {row} leaves unstamped")
        lane = self.commands[row].lane
        older = [one for one in rows_of(stored) if one < row and self.commands[one].lane == lane]
        self._must(not older, f"row {row} leaves before {older} of its lane")

    def _must(self, holds: bool, what: str) -> None:
        if not holds:
            self.faults.append(what)

    def check(self, seen: Seen) -> None:
        """Whatever has just happened. `seen` is what became of it, `self.seen` what was before."""
        assert self.faults == [], self.faults
        before, self.seen = self.seen, seen
        assert seen.version == self.version, f"version {seen.version} after {self.version} commits"
        assert seen.accepted == seen.applied + seen.pending, "the account does not add up"
        assert bool(seen.outbox) == bool(seen.drain), "commands to send and nobody to look at them, or neither"
        if before.token and seen.token != before.token:
            assert before.is_due or self._token == before.token, f"claim {before.token} was taken from its holder"
        assert seen.outbox or not seen.token, "a claim on nothing"
        assert seen.timers == len(self.timers), f"{seen.timers} timers instead of {sorted(self.timers)}"
        if not seen.token and not seen.is_due:
            early = [one.command.row for one in outbox.heads(seen.waiting) if one.not_before <= seen.now]
            assert early == [], f"rows {early} wait for nothing"
        for row in rows_of(seen.outbox):
            assert seen.outbox[b"%d" % row] == outbox.encode(self.commands[row]), f"row {row} has changed"
            first = b"%d.first" % row
            assert before.outbox.get(first) in {None, seen.outbox.get(first)}, f"row {row} has a new first try"
        self._check_ledger()

    def _check_ledger(self) -> None:
        entries = self._far_side.ledger.entries
        if len(entries) == self._judged:
            return
        self._judged = len(entries)
        assert all(entry.same_bytes_as_first is not False for entry in entries), "one id with two bodies"
        done = [entry.command_id for entry in entries if entry.effective]
        assert len(done) == len(set(done)), "an id took effect twice"
        of_id = {command.command_id: row for row, command in self.commands.items()}
        purposes = [self.record.sent[of_id[command_id]].purpose for command_id in done]
        assert len(purposes) == len(set(purposes)), f"a purpose took effect twice: {purposes}"

    def check_end(self, seen: Seen) -> None:
        """Once nothing is left to happen."""
        record = self.record
        assert seen.pending == 0
        assert seen.outbox == {}
        assert record.over, record.step
        assert self.timers == {}
        assert self._far_side.live_legs == [], "a leg is left behind"
        done = {entry.command_id for entry in self._far_side.ledger.entries if entry.effective}
        for row, command in self.commands.items():
            sent = record.sent[row]
            assert sent.state not in {"open", "unknown"}
            is_undone = sent.state in {"failed", "void"} or (sent.state == "again" and sent.code)
            if is_undone and sent.code != "unknown":
                assert command.command_id not in done, f"row {row} {command.verb} counts as {sent.state}"

    @property
    def is_plain(self) -> bool:
        """Nothing was refused, left out, or taken for done without a proof."""
        return all(sent.state == "done" and not sent.code for sent in self.record.sent.values())
