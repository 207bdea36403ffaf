"""Going from one action of the dialplan to the next."""

from shared import dialplan
from shared.calls import Step
from workers.logic.draft import Draft


def do(draft: Draft, action: dialplan.Action) -> Step:
    """The step that carries out an action."""
    return Step(draft.step.n + 1, "do", action)


def purpose(draft: Draft, what: str) -> str:
    """The name under which this step asks for a command: once, however often it runs."""
    return f"{draft.step.n}:{what}"


def give_up(draft: Draft, why: str) -> Step:
    """No action is left: the caller is never left parked."""
    draft.note(f"{why}: hanging up")
    return do(draft, dialplan.Hangup())


def otherwise(draft: Draft, action: dialplan.Transfer | dialplan.Ring, why: str) -> Step:
    """What the dialplan says for a call that nobody took."""
    if action.otherwise is None:
        return give_up(draft, why)
    draft.note(f"{why}: going on to otherwise")
    return do(draft, action.otherwise)
