"""Leave a message on an answering machine: wait for the end of its greeting, speak, hang up."""

from shared import dialplan
from shared.calls import Step
from workers.logic.caller import answered, play, speak
from workers.logic.draft import Draft
from workers.logic.steps import do, give_up, purpose


def leave_message(draft: Draft, action: dialplan.LeaveMessage) -> Step | None:
    """A greeting whose end is not told in time counts as ended: better a message too early than none."""
    match answered(draft):
        case "never":
            return give_up(draft, "the call could not be answered")
        case "not yet":
            return None
    if not _greeting_is_over(draft):
        return None
    said = play(draft, "message", action.url) if action.url else speak(draft, "message", action.text or "")
    match said:
        case "never":
            return give_up(draft, "the message could not be left")
        case "not yet":
            return None
        case "yes":
            return do(draft, dialplan.Hangup())


def _greeting_is_over(draft: Draft) -> bool:
    name = purpose(draft, "greeting")
    if draft.main.greeting_ended_at is not None:
        draft.cancel(name)
        return True
    request = draft.call.request
    amd = draft.plan.outbound[request.profile].amd if request else None
    return amd is None or draft.has_fired(name, amd.greeting_within_secs)
