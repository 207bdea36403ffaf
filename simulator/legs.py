"""The state machine of all legs, and the way in to it: commands, callers and timers in, effects out.

Pure, in the manner of h11: no I/O, no clock, no random. Times and ids come in, what is to be done goes out:
send a webhook, start a timer, stop timers. Whoever drives it (exchange.py; a test) performs the effects and
brings due timers back by `fire`.

    parked ── answer ──▶ answered ◀──▶ bridged       commands.check_state says what may come in which state,
    dialing ─ callee ──▶    │             │          turn/ what a move does to the leg and its neighbours
       └────────────────────┴─────────────┴──▶ ended
"""

from simulator.commands import Reply, check_state, dial, perform
from simulator.leg import Act, Does, Effect, Leg, Recording, State, Switch
from simulator.parameters import Body, Bridge, Dial
from simulator.refusals import call_ended, unknown_call
from simulator.scenario import InboundCall
from simulator.turn import calls, keypad
from simulator.turn.instant import Turn
from simulator.turn.timers import due

_FRESH_LINK_S = 600.0
"""Life of a link from `GET /recordings/{id}` (Telnyx docs: storing-call-recordings); the event's has a setting."""


class Legs:
    """All calls of one account. Every method takes the time, in Unix seconds."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch

    def ring_in(self, call: InboundCall, now: float) -> tuple[Leg, list[Effect]]:
        """A caller dials one of our numbers."""
        turn = Turn(self.switch, now)
        leg = self._incoming(turn, call.from_, call.to)
        leg.tags, leg.custom_headers, leg.attestation = call.tags, call.custom_headers, call.attestation
        leg.person, leg.presses = call, list(call.presses)
        self.switch.callees_of[leg.call_session_id] = call.callees
        turn.emit(leg, "call.initiated")
        turn.start_timer(leg, Act(Does.NO_FIRST_COMMAND), self.switch.first_command_timeout_s)
        turn.reached(leg, "start")
        return leg, turn.effects

    def dial(self, body: Dial, now: float) -> tuple[Reply, list[Effect]]:
        """Raises Refusal (link_to names no leg, or an ended one)."""
        turn = Turn(self.switch, now)
        link = None
        if body.link_to is not None:
            link = self._leg(turn, body.link_to, "dial")
            if link.state is State.ENDED:
                raise call_ended()
        return dial(turn, body, link), turn.effects

    def command(self, verb: str, call_control_id: str, body: Body, now: float) -> tuple[Reply, list[Effect]]:
        """Any command on a leg. Raises Refusal; then nothing has changed."""
        turn = Turn(self.switch, now)
        leg = self._leg(turn, call_control_id, verb)
        check_state(leg, verb)
        if isinstance(body, Bridge):
            other = self._leg(turn, body.call_control_id or "", verb)
            if other is leg:
                raise unknown_call()
            check_state(other, verb)
        return perform(turn, verb, leg, body), turn.effects

    def hang_up_far_side(self, call_control_id: str, now: float) -> list[Effect]:
        """The person at the other end puts the phone down. Raises Refusal for an unknown leg."""
        turn = Turn(self.switch, now)
        leg = self._known(call_control_id)
        calls.end(turn, leg, calls.cleared(leg, by_us=False))
        return turn.effects

    def press(self, call_control_id: str, digits: str, now: float) -> list[Effect]:
        """The person at the other end presses keys, 50 ms apart. Raises Refusal for an unknown leg."""
        turn = Turn(self.switch, now)
        keypad.time_keys(turn, self._known(call_control_id), digits)
        return turn.effects

    def fire(self, call_control_id: str, act: Act, now: float) -> list[Effect]:
        """A timer is due."""
        turn = Turn(self.switch, now)
        due(turn, self.switch.legs[call_control_id], act)
        return turn.effects

    def look(self, call_control_id: str, now: float) -> Leg:
        """The leg, adopted where that is on. Raises Refusal."""
        leg = self.switch.legs.get(call_control_id)
        if leg is not None:
            return leg
        if not self.switch.adopt:
            raise unknown_call()
        leg = self._incoming(Turn(self.switch, now), "unknown", "unknown", call_control_id)
        leg.adopted = True
        return leg

    def look_at_recording(self, recording_id: str, now: float) -> Recording | None:
        """A saved recording, adopted where that is on."""
        recording = self.switch.recordings.get(recording_id)
        if recording is None and self.switch.adopt:
            leg = self.look(self.switch.new_call_control_id(), now)
            recording = Recording(
                recording_id=recording_id,
                call_control_id=leg.call_control_id,
                format="mp3",
                channels="dual",
                started_at=now,
                ended_at=now,
            )
            self.switch.recordings[recording_id] = recording
        return recording if recording and recording.saved else None

    def saved_recordings(self) -> list[Recording]:
        """The newest first."""
        return [one for one in reversed(self.switch.recordings.values()) if one.saved]

    def fresh_link(self, recording: Recording, now: float) -> str:
        return self.switch.download_link(recording, now, _FRESH_LINK_S)

    def _known(self, call_control_id: str) -> Leg:
        leg = self.switch.legs.get(call_control_id)
        if leg is None:
            raise unknown_call()
        return leg

    def _leg(self, turn: Turn, call_control_id: str, verb: str) -> Leg:
        leg = self.look(call_control_id, turn.now)
        # A recorded event may have told of the answer, which an adopted leg never saw.
        if leg.adopted and leg.state is State.PARKED and verb not in ("answer", "reject"):
            leg.state = State.ANSWERED
            leg.answered_at = turn.now
        return leg

    def _incoming(self, turn: Turn, from_: str, to: str, call_control_id: str | None = None) -> Leg:
        leg = Leg(
            call_control_id=call_control_id or self.switch.new_call_control_id(),
            call_leg_id=next(self.switch.ids),
            call_session_id=next(self.switch.ids),
            connection_id=self.switch.connection_id,
            direction="incoming",
            from_=from_,
            to=to,
            state=State.PARKED,
            started_at=turn.now,
        )
        self.switch.legs[leg.call_control_id] = leg
        return leg
