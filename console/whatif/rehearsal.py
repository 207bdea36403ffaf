"""A call on its way through a dialplan without a telephone: what it has come to, and what it waits for; pure."""

from typing import Final

import msgspec

from shared.calls import Call
from shared.dialplan import Plan
from shared.ids import CallId
from workers.logic.decide import decide
from workers.logic.decision import NOTHING_AROUND, Around, Decision, Outgoing
from workers.logic.happened import Happened, TimerFired

CALL: Final = CallId("rehearsal")


class Rehearsal(msgspec.Struct, frozen=True):
    """`unanswered` are the commands that nobody has performed yet, `due` the timers by name (Unix seconds)."""

    plan: Plan
    call: Call
    now: float
    around: Around = NOTHING_AROUND
    version: int = 0
    unanswered: tuple[Outgoing, ...] = ()
    due: dict[str, float] = {}

    def tell(self, event: Happened) -> tuple["Rehearsal", Decision]:
        """The real decision about an event, and where the call stands then."""
        decision = decide(self.call, event, self.plan, self.version + 1, self.around)
        row = getattr(event, "row", None)
        set_now = {timer.name: event.at + timer.delay_s for timer in decision.timers}
        after = msgspec.structs.replace(
            self,
            call=decision.call,
            now=event.at,
            version=self.version + 1,
            unanswered=(*(out for out in self.unanswered if out.row != row), *decision.outgoing),
            due={name: set_now.get(name, self.due.get(name, event.at)) for name in decision.call.timers},
        )
        return after, decision

    def next_timer(self) -> TimerFired | None:
        """The timer that is due first; a turn among the calls of a profile comes at once."""
        if not self.due:
            return None
        name = min(self.due, key=lambda name: (self.due[name], name))
        return TimerFired(name, self.call.timers[name], max(self.now, self.due[name]))
