"""A decision in the making: the call as it will be, and what goes out with it.

The only mutable thing of the logic, and it never leaves `decide`. Commands are asked for by purpose (`want`),
so a step may run again and again and still send each command once.
"""

from collections.abc import Callable

import msgspec

from shared import client_state
from shared.calls import Call, Leg, Sent, Step, Verb
from shared.dialplan import Plan, may_dial, may_place_call
from shared.ids import ControlId, LegId, Row
from shared.timeline import HookEntry
from workers.logic.decision import (
    NOTHING_AROUND,
    Admission,
    Around,
    Decision,
    Dials,
    Download,
    Outgoing,
    Sendable,
    Timer,
    Told,
    Turn,
)
from workers.logic.view import view


class Draft:
    """The call as it will be when this decision is committed as `version`."""

    def __init__(
        self, call: Call, plan: Plan, version: int, now: float, age_s: float = 0.0, around: Around = NOTHING_AROUND
    ) -> None:
        """`now` (Unix seconds) is when it happened, `age_s` how long that was ago."""
        self.call = call
        self.plan = plan
        self.version = version
        self.now = now
        self.age_s = age_s
        self.around = around
        self.notes: list[str] = []
        self.outgoing: list[Outgoing] = []
        self.timers: list[Timer] = []
        self.cancelled: list[tuple[str, int]] = []
        self.download: Download | None = None
        self.turn: Turn | None = None
        self.admission: Admission | None = None
        self.left = ""
        self.told: Told | None = None
        self.hooks: list[HookEntry] = []

    @property
    def step(self) -> Step:
        return self.call.step

    @property
    def main(self) -> Leg:
        """The leg that the plan is about; an empty one while it is not known yet."""
        return self.call.main_leg or Leg()

    @property
    def profile_connection(self) -> str:
        """The application that an outbound call is placed with; empty for an inbound call."""
        if self.call.request is None:
            return ""
        return self.plan.outbound[self.call.request.profile].connection or self.call.connection

    def note(self, text: str) -> None:
        """Say on the timeline what was decided, or why nothing was; a step that runs twice says it once."""
        if text not in self.notes:
            self.notes.append(text)

    def put(self, call: Call) -> None:
        self.call = call

    def go(self, step: Step) -> None:
        """Take the next step; nothing of the one that is left is waited for any more."""
        if step.n != self.step.n:
            for name in [name for name in self.call.timers if name.startswith(f"{self.step.n}:")]:
                self.cancel(name)
        self.call = msgspec.structs.replace(self.call, step=step)

    def is_admitted(self, name: str, profile: str) -> bool:
        """Whether this call's turn has come among those of its profile; asks for it at the first ask."""
        if name in self.call.fired:
            if not self.call.live:
                self.call = msgspec.structs.replace(self.call, live=True)
            return True
        if name not in self.call.timers:
            self.call = msgspec.structs.replace(self.call, timers={**self.call.timers, name: self.version})
            written = self.plan.outbound[profile]
            minute = self.plan.limits.dials_per_minute
            self.admission = Admission(name, profile, written.dials_per_sec, written.max_live, minute)
        return False

    def leave_live(self) -> None:
        """Make room for another call of the profile."""
        if self.call.live and self.call.request is not None:
            self.left = self.call.request.profile
            self.call = msgspec.structs.replace(self.call, live=False)

    def tell_outcome(self, hook: str | None) -> None:
        """Tell the profile's hook how the call ended."""
        if hook is not None:
            self.told = Told(hook, view(self.call))

    def take_turn(self, group: str) -> int:
        """The turn of a round robin, counted over the whole fleet from 0."""
        self.turn = Turn(group, self.around.turns.get(group, 0))
        return self.turn.number

    def set_leg(self, leg_id: LegId, leg: Leg) -> None:
        self.call = msgspec.structs.replace(self.call, legs={**self.call.legs, leg_id: leg})

    def set_sent(self, row: Row, sent: Sent) -> None:
        self.call = msgspec.structs.replace(self.call, sent={**self.call.sent, row: sent})

    def latest(self, purpose: str) -> tuple[Row, Sent] | None:
        """The newest try of a purpose."""
        for row in sorted(self.call.sent, reverse=True):
            if self.call.sent[row].purpose == purpose:
                return row, self.call.sent[row]
        return None

    def want(
        self,
        verb: Verb,
        purpose: str,
        build: Callable[[Row], Sendable],
        leg: LegId | None = None,
        *,
        to: str | None = None,
        says: str = "",
        records: str | None = None,
    ) -> tuple[Row, Sent]:
        """The command of this purpose, sent now if it never was. `to` is the destination that it would ring,
        `says` the text that it speaks, `records` the policy of the recording that it begins.

        One that Telnyx refused for now goes out as a new command with a new id: it was certainly not performed.
        """
        latest = self.latest(purpose)
        if latest is None:
            sent = Sent(verb, purpose, self.step.n, leg, says=says, records=records)
            return self._send(sent, build, to, delay_s=0.0)
        last = latest[1]
        if last.state == "again":
            anew = msgspec.structs.replace(last, state="open", code="", tries=last.tries + 1)
            return self._send(anew, build, to, last.again_in_s)
        return latest

    def _send(
        self, sent: Sent, build: Callable[[Row], Sendable], to: str | None, delay_s: float
    ) -> tuple[Row, Sent]:
        row = Row(max(self.call.sent, default=0) + 1)
        refused = self._refusal(sent.verb, to)
        if refused:
            sent = msgspec.structs.replace(sent, state="failed", code=refused)
            self.set_sent(row, sent)
            self.note(f"{sent.verb} refused by {refused}")
            return row, sent
        sent = msgspec.structs.replace(sent, again_in_s=0.0)
        self.set_sent(row, sent)
        lane = sent.leg or f"row {row}"
        dials = self._dials(to) if to is not None and sent.verb == "dial" else None
        out = Outgoing(row, sent.verb, lane, build(row), self._control_id(sent.leg), delay_s, dials)
        self.outgoing.append(out)
        return row, sent

    def _dials(self, to: str) -> Dials:
        """A call that we place was admitted; a member of a ring group was not, and is on no list of ours."""
        request = self.call.request if self.step.at == "place" else None
        dnc = request is not None and self.plan.outbound[request.profile].dnc
        return Dials(to, dnc, request is not None, self.plan.limits.dials_per_minute)

    def _refusal(self, verb: Verb, to: str | None) -> str:
        """The name of the limit of ours that forbids it, or nothing. A hangup is never refused."""
        if to is not None and not (may_place_call if verb == "dial" and self.step.at == "place" else may_dial)(
            self.plan, to
        ):
            return "limits.allow"
        most = self.plan.limits.commands_per_call
        if most is not None and len(self.call.sent) >= most and verb not in {"hangup", "reject"}:
            return "limits.commands_per_call"
        return ""

    def _control_id(self, leg: LegId | None) -> ControlId | None:
        return self.call.legs[leg].control_id if leg else None

    def tag(self, row: Row) -> str:
        """The client_state of a leg that command `row` makes."""
        return client_state.write(self.call.id, row, self.call.plan)

    def has_fired(self, name: str, delay_s: float) -> bool:
        """Whether this wait is over; sets its timer at the first ask."""
        if name in self.call.fired:
            return True
        if name not in self.call.timers:
            self.call = msgspec.structs.replace(self.call, timers={**self.call.timers, name: self.version})
            self.timers.append(Timer(name, delay_s))
        return False

    def cancel(self, name: str) -> None:
        """Forget a timer that nothing waits for any more."""
        if name not in self.call.timers:
            return
        self.cancelled.append((name, self.call.timers[name]))
        rest = {key: version for key, version in self.call.timers.items() if key != name}
        self.call = msgspec.structs.replace(self.call, timers=rest)

    def decision(self) -> Decision:
        return Decision(
            self.call,
            "; ".join(self.notes),
            tuple(self.outgoing),
            tuple(self.timers),
            tuple(self.cancelled),
            self.download,
            self.turn,
            self.admission,
            self.left,
            self.told,
            tuple(self.hooks),
        )
