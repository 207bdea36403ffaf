"""One instant of the switch: what is to be done after it, in its order."""

from simulator.leg import Act, Does, Effect, Emit, Leg, StartTimer, StopTimers, Switch
from simulator.payloads import leg_payload
from simulator.scenario import Moment


class Turn:
    """Every move that is given a turn may change legs and add to `effects`."""

    def __init__(self, switch: Switch, now: float) -> None:
        self.switch = switch
        self.now = now
        self.effects: list[Effect] = []

    def emit(self, leg: Leg, event_type: str, **extra: object) -> None:
        if leg.adopted:
            return
        payload = leg_payload(leg, event_type, extra)
        event_id = next(self.switch.ids)
        # A microsecond apart, so that their times tell their order even within one instant.
        occurred_at = self.now + 1e-6 * len(self.effects)
        self.effects.append(Emit(event_id, event_type, occurred_at, leg.call_control_id, payload))

    def reached(self, leg: Leg, moment: Moment) -> None:
        """From this moment on its person may count the time until hanging up."""
        if leg.person.hangs_up_after is not None and leg.person.hangs_up_from == moment:
            self.start_timer(leg, Act(Does.HANGS_UP), leg.person.hangs_up_after)

    def start_timer(self, leg: Leg, act: Act, after_s: float) -> None:
        self.effects.append(StartTimer(leg.call_control_id, act, after_s))

    def stop_timers(self, leg: Leg, act: Act | None = None) -> None:
        self.effects.append(StopTimers(leg.call_control_id, act))
