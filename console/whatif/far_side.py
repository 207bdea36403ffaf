"""What Telnyx and the people on its lines do in a rehearsal: each command works, and each choice is a fork; pure.

A leg that rings is taken or is not, and what answers an outbound call is one of those that machine detection
tells apart. Source: facts.md section 10 (what follows a command).
"""

from typing import Final, NamedTuple

from console.whatif import detection
from console.whatif.rehearsal import Rehearsal
from shared import commands, events
from shared.events import PAYLOADS, CallIds, Payload
from shared.ids import LegId, Row
from workers.logic.decide import still_wanted
from workers.logic.decision import Outgoing
from workers.logic.happened import CommandSucceeded, CommandVoided, Happened, Webhook

LATER_S: Final = 1.0  # between one event and the next: only their order matters
_TYPES: Final = {payload: name for name, payload in PAYLOADS.items()}


class People(NamedTuple):
    """How the people of one path behave: whether the legs of a step are taken, and what detection hears."""

    step: int = 0
    takes: bool = False
    heard: str = ""


class Fork(NamedTuple):
    """One way that it may go on."""

    when: str
    people: People


class Next(NamedTuple):
    """What happens next, or the ways that it may go on; neither where nothing more comes."""

    happened: tuple[Happened, ...] = ()
    forks: tuple[Fork, ...] = ()


def next_of(at: Rehearsal, people: People) -> Next:
    """Until the call is connected, or its attempt is over."""
    call = at.call
    if call.step.at in {"over", "connected"} or call.outcomes:
        return Next()
    if at.unanswered:
        return Next(_performed(at, at.unanswered[0]))
    ringing = [row for row, leg in call.made.items() if _rings(at, leg)]
    if ringing:
        if people.step != call.step.n:
            return Next(forks=_forks(at, ringing[0], people))
        return Next(_taken(at, ringing[0]) if people.takes else _rung_out(at, ringing[0]))
    told = detection.told_next(at, people.heard)
    if told is not None:
        return Next((_of(at, *told),))
    timer = at.next_timer()
    return Next((timer,)) if timer else Next()


def _rings(at: Rehearsal, leg_id: LegId) -> bool:
    leg = at.call.legs[leg_id]
    return leg.answered_at is None and leg.ended is None


def _performed(at: Rehearsal, out: Outgoing) -> tuple[Happened, ...]:
    """A command is accepted and has its effect, unless its call has no more use for it."""
    now = at.now + LATER_S
    if not still_wanted(at.call, out.row):
        return (CommandVoided(out.row, now),)
    leg = at.call.sent[out.row].leg
    effects: tuple[Happened, ...] = ()
    match out.command:
        case commands.Dial(to=str(to)):
            made = {"call_leg_id": f"leg {out.row}", "call_control_id": to}
            return (CommandSucceeded(out.row, now, made),)
        case commands.Transfer(to=to, target_leg_client_state=str(state)):
            ids = CallIds(call_control_id=to, call_leg_id=f"leg {out.row}", client_state=state)
            effects = (_webhook(at, ids, events.CallInitiated(direction="outgoing", to=to)),)
        case commands.Bridge(call_control_id=other):
            joined = [name for name, known in at.call.legs.items() if known.control_id == other]
            effects = tuple(_of(at, name, events.CallBridged()) for name in (*joined[-1:], leg) if name)
        case _ if leg is not None:
            effects = (_of(at, leg, _effect(out)),)
    return (CommandSucceeded(out.row, now), *effects)


def _effect(out: Outgoing) -> Payload:
    match out.command:
        case commands.Answer():
            return events.CallAnswered()
        case commands.Speak():
            return events.SpeakEnded(status="completed")
        case commands.StartPlayback():
            return events.PlaybackEnded(status="completed")
        case commands.StartRecording() | commands.StopRecording():
            return events.RecordingSaved(recording_id=f"recording-{out.row}")
        case commands.GatherUsingSpeak():
            return events.GatherEnded(digits="1", status="valid")
        case commands.Reject():
            return events.CallHungUp(hangup_cause="call_rejected")
        case _:
            return events.CallHungUp(hangup_cause="normal_clearing")


def _forks(at: Rehearsal, row: Row, people: People) -> tuple[Fork, ...]:
    """Somebody takes it or nobody does; whoever answers an outbound call may be a machine."""
    n, request = at.call.step.n, at.call.request
    if at.call.step.at != "place" or request is None:
        who = at.call.legs[at.call.made[row]].control_id
        taken = Fork(f"{who} takes it", people._replace(step=n, takes=True))
        return (taken, Fork("nobody takes it", people._replace(step=n, takes=False)))
    amd = at.plan.outbound[request.profile].amd
    answers = detection.results(amd) if amd else {"": "answered"}
    answered = (Fork(when, People(n, True, heard)) for heard, when in answers.items())
    return (*answered, Fork("nobody answers", People(n)))


def _taken(at: Rehearsal, row: Row) -> tuple[Happened, ...]:
    """Telnyx bridges a transfer by itself, as soon as it is answered."""
    leg, main = at.call.made[row], at.call.main
    answer = _of(at, leg, events.CallAnswered())
    if at.call.sent[row].verb != "transfer" or main is None:
        return (answer,)
    return (answer, _of(at, leg, events.CallBridged()), _of(at, main, events.CallBridged()))


def _rung_out(at: Rehearsal, row: Row) -> tuple[Happened, ...]:
    return (_of(at, at.call.made[row], events.CallHungUp(hangup_cause="timeout")),)


def _of(at: Rehearsal, leg_id: LegId, payload: Payload) -> Webhook:
    """An event of a leg that is known already."""
    leg = at.call.legs[leg_id]
    return _webhook(at, CallIds(call_control_id=leg.control_id, call_leg_id=leg_id), payload)


def _webhook(at: Rehearsal, ids: CallIds, payload: Payload) -> Webhook:
    return Webhook(f"event {at.version}", _TYPES[type(payload)], at.now + LATER_S, ids, payload)
