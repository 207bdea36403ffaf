"""One answer for every call and event: what the call is now, and what goes out with it.

Two halves. `_learn` joins the event's facts into the record, whatever came before. `_advance` looks at the
facts alone and moves the call along its plan until it has to wait. So a duplicate or a late event changes
nothing, and the order of events matters only where what was known at the time differed. Pure and total: no
clock, no I/O, no random.
"""

from typing import Final, assert_never

import msgspec

from shared import commands
from shared.calls import LOOKS, Call, Request, Sent, Step
from shared.dialplan import Plan
from shared.events import RecordingFailed, RecordingSaved
from shared.ids import Row
from workers.logic import facts, machine_detection, place, recording, routing, unknown
from workers.logic.decision import NOTHING_AROUND, Around, Decision
from workers.logic.draft import Draft
from workers.logic.happened import (
    CallCancelled,
    CallRequested,
    CommandFailed,
    CommandSucceeded,
    CommandUnknown,
    CommandVoided,
    FoundEnded,
    Happened,
    Outcome,
    TimerFired,
    Webhook,
)

_replace = msgspec.structs.replace

TOO_EARLY: Final = frozenset({"90034", "90020"})  # the call is not answered yet, or its audio has not begun
TOO_EARLY_TRIES: Final = 5
OF_A_STEP: Final = frozenset(  # of no use to any other one
    {"bridge", "dial", "gather_using_speak", "playback_start", "record_start", "speak", "transfer"}
)
UNANSWERED: Final = frozenset({"start", "wait", "queue", "place"})
_OUTBOUND: Final = {  # the steps of a call that we place, up to the branch it takes
    "wait": place.wait,
    "queue": place.queue,
    "place": place.place,
    "verdict": machine_detection.verdict,
}


def decide(call: Call, event: Happened, plan: Plan, version: int, around: Around = NOTHING_AROUND) -> Decision:
    """Apply an event to a call. `version` is the one that the commit of this decision will have."""
    age_s = event.age_s if isinstance(event, Webhook) else 0.0
    draft = Draft(call, plan, version, event.at, age_s, around)
    _learn(draft, event)
    _advance(draft)
    if not draft.notes:
        draft.note("noted")
    return draft.decision()


def still_wanted(call: Call, row: Row) -> bool:
    """Whether a command is still of use right before it is sent: its leg, its step, or its call may be over."""
    sent = call.sent.get(row)
    if sent is None or sent.state != "open":
        return False
    leg = call.legs.get(sent.leg) if sent.leg else None
    if leg is not None and leg.ended is not None:
        return False
    if sent.verb in OF_A_STEP and sent.step != call.step.n:
        return False
    if sent.verb == "dial" and call.step.winner is not None:
        return False
    return call.step.at != "over" or sent.verb == "hangup" or sent.verb in LOOKS


def _learn(draft: Draft, event: Happened) -> None:
    match event:
        case Webhook():
            facts.learn_webhook(draft, event)
            if isinstance(event.payload, RecordingSaved):
                recording.saved(draft, event.ids, event.payload)
            elif isinstance(event.payload, RecordingFailed):
                recording.failed(draft, event.ids, event.payload)
        case TimerFired():
            _learn_timer(draft, event)
        case CallRequested():
            if draft.call.request is None:
                draft.put(_replace(draft.call, request=event.request))
        case CallCancelled():
            _learn_cancelled(draft)
        case FoundEnded():
            _learn_found(draft, event)
        case CommandSucceeded() | CommandFailed() | CommandUnknown() | CommandVoided():
            _learn_outcome(draft, event)
        case _:
            assert_never(event)


def _learn_timer(draft: Draft, event: TimerFired) -> None:
    if draft.call.timers.get(event.name) != event.version:
        draft.note(f"timer {event.name!r} is stale: nothing waits for it")
        return
    rest = {name: version for name, version in draft.call.timers.items() if name != event.name}
    draft.put(_replace(draft.call, timers=rest, fired=draft.call.fired | {event.name}))
    draft.note(f"timer {event.name!r}")


def _learn_cancelled(draft: Draft) -> None:
    """It may come before the request itself: then the call is known by nothing but its id."""
    if draft.call.legs and draft.call.request is None:
        draft.note("no call of ours: nothing to cancel")
    elif draft.call.cancelled or draft.step.at == "over":
        draft.note("nothing is left to cancel")
    else:
        draft.put(_replace(draft.call, cancelled=True))
        draft.note("cancelled")


def _learn_found(draft: Draft, event: FoundEnded) -> None:
    """As if the leg's call.hangup had come: where it has, or comes later, the two are one fact."""
    leg = draft.call.legs.get(event.leg)
    if leg is None or leg.ended is not None:
        draft.note("the end of this leg is known already" if leg else "this leg is not known")
        return
    facts.learn_end(draft, event.leg, event.at)
    draft.note("this leg is over at Telnyx: its hangup never came")


def _learn_outcome(draft: Draft, event: Outcome) -> None:
    sent = draft.call.sent.get(event.row)
    if sent is None or sent.state != "open":
        draft.note("the outcome of this command is known already")
        return
    match event:
        case CommandSucceeded():
            draft.set_sent(event.row, _replace(sent, state="done"))
            if sent.verb in LOOKS:
                unknown.learn_look(draft, event)
            else:
                facts.learn_answer(draft, event)
        case CommandFailed():
            _learn_failure(draft, event, sent)
        case CommandUnknown():
            state = "failed" if sent.verb in LOOKS else "unknown"  # of a look there is nothing to prove
            draft.set_sent(event.row, _replace(sent, state=state))
            draft.note(f"{sent.verb}: no answer proves it")
        case CommandVoided():
            draft.set_sent(event.row, _replace(sent, state="void"))
            draft.note(f"{sent.verb} was no longer wanted")


def _learn_failure(draft: Draft, event: CommandFailed, sent: Sent) -> None:
    """A command on a leg that is over ends that leg for us; for a hangup that is success (code 90018)."""
    if event.ended and sent.leg is not None and sent.verb != "look_at_leg":
        facts.learn_end(draft, sent.leg, event.at)
        state = "done" if sent.verb in {"hangup", "reject"} else "failed"
        draft.set_sent(event.row, _replace(sent, state=state, code=event.code))
        draft.note(f"{sent.verb}: the leg is over")
    elif event.ended and sent.verb == "look_at_leg" and sent.leg is None:
        unknown.learn_gone(draft, event)
    elif event.again and unknown.is_proven(draft.call, event.row):  # a second one would ring somebody twice
        draft.set_sent(event.row, _replace(sent, state="done", code=event.code))
        draft.note(f"{sent.verb} refused ({event.code}), but its effect is known")
    elif event.again and not (event.code in TOO_EARLY and sent.tries >= TOO_EARLY_TRIES):
        draft.set_sent(event.row, _replace(sent, state="again", code=event.code, again_in_s=event.again_in_s))
        draft.note(f"{sent.verb} refused for now ({event.code})")
    else:
        draft.set_sent(event.row, _replace(sent, state="failed", code=event.code))
        draft.note(f"{sent.verb} failed ({event.code})")


def _advance(draft: Draft) -> None:
    """Move along the plan until there is nothing to do but wait."""
    before = None
    while before is not draft.call:
        before = draft.call
        while (step := _next(draft)) is not None:
            draft.go(step)
        unknown.settle(draft)
        _tidy(draft)


def _next(draft: Draft) -> Step | None:
    if draft.step.at == "over":
        return None
    if draft.main.ended is not None:
        return _over(draft, draft.main.ended.cause)
    request = draft.call.request
    if request is not None and draft.call.cancelled and draft.step.at in UNANSWERED:
        return _cancelled(draft, request)
    match draft.step.at:
        case "start":
            return Step(draft.step.n + 1, "wait") if request else routing.start(draft)
        case "look":
            return routing.look(draft)
        case "wait" | "queue" | "place" | "verdict" as at:
            assert request is not None
            return _OUTBOUND[at](draft, request)
        case "do":
            if machine_detection.is_screened_anew(draft):
                draft.note("the phone screens its calls: judging anew who is on the line")
                return Step(draft.step.n + 1, "verdict")
            return routing.run(draft)
        case "connected":
            return None


def _over(draft: Draft, cause: str) -> Step:
    """The leg that the plan is about has ended: nothing of the plan is waited for any more."""
    draft.note(f"over: {cause}")
    _wait_for_nothing(draft)
    request = draft.call.request
    if request is not None:
        return place.attempt_over(draft, request, draft.call.outcome or place.outcome_of(draft.main, cause))
    return _replace(draft.step, at="over")


def _cancelled(draft: Draft, request: Request) -> Step:
    """Before anybody has answered: what waits is dropped, and a leg that rings is one that nobody wants."""
    _wait_for_nothing(draft)
    if draft.step.at == "queue":
        draft.left = request.profile  # its turn may have come in this moment: then it holds a place
    return place.attempt_over(draft, request, "cancelled")


def _wait_for_nothing(draft: Draft) -> None:
    for name in [name for name in draft.call.timers if not name.startswith("proof ")]:
        draft.cancel(name)


def _tidy(draft: Draft) -> None:
    """Hang up every leg of ours that nobody wants any more, as soon as it can be addressed."""
    for row, leg_id in sorted(draft.call.made.items()):
        leg = draft.call.legs[leg_id]
        if leg.ended is None and leg.control_id is not None and not _wanted(draft, row):
            draft.want("hangup", f"leftover {row}", lambda _: commands.Hangup(), leg_id)


def _wanted(draft: Draft, row: Row) -> bool:
    """A leg is wanted while its step runs, unless another one won it. A bridged leg is ended by Telnyx itself."""
    call = draft.call
    leg_id = call.made[row]
    if call.step.at == "over":
        return call.legs[leg_id].bridged_at is not None
    if leg_id == call.main:
        return True
    if call.step.winner is not None:
        return leg_id == call.step.winner
    return call.sent[row].step == call.step.n
