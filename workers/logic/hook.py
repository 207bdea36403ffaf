"""Hook: a Python function of the business chooses the action; when it fails, the call falls to `[default]`."""

import traceback
from datetime import UTC, datetime
from typing import Final

from shared import dialplan
from shared.calls import Step
from shared.dialplan.hooks import checked
from shared.timeline import HookEntry
from workers.logic.draft import Draft
from workers.logic.steps import do, give_up
from workers.logic.view import view

NO_ACTION: Final = "returned no action"  # which a hook may do: the call is then one for `[default]`


def hook(draft: Draft, action: dialplan.Hook) -> Step:
    """The action is kept in the record, so the function is not asked again for this step."""
    chosen, trouble = _ask(draft, action.call)
    draft.hooks.append(HookEntry(action.call, chosen, trouble))
    if chosen is not None:
        draft.note(f"hook {action.call}: {type(chosen).__struct_config__.tag}")
        return do(draft, chosen)
    if action == draft.plan.default.then:
        return give_up(draft, f"hook {action.call} {trouble}, and it is the default itself")
    draft.note(f"hook {action.call} {trouble}: going on to [default]")
    return do(draft, draft.plan.default.then)


def _ask(draft: Draft, name: str) -> tuple[dialplan.Action | None, str]:
    function = draft.around.hooks.get(name)
    if function is None:
        return None, "could not be loaded"
    try:
        chosen = function(view(draft.call), datetime.fromtimestamp(draft.now, UTC))
    except KeyboardInterrupt:
        raise
    except BaseException as reason:  # noqa: BLE001 - the border to code that is not ours: sys.exit() in it ends no worker
        return None, f"raised {type(reason).__name__}{_place(reason)}"
    if chosen is None:
        return None, NO_ACTION
    if isinstance(chosen, dialplan.Hook):
        return None, "returned another hook"
    trouble = checked(draft.plan, chosen, outbound=draft.call.request is not None)
    return (None, f"returned what cannot be used ({trouble})") if trouble else (chosen, "")


def _place(reason: BaseException) -> str:
    """The line of the hook that it came out of; not the exception's text, which may hold a caller's number."""
    _ours, *theirs = traceback.walk_tb(reason.__traceback__)
    return next((f" ({frame.f_code.co_filename.rpartition('/')[2]}:{line})" for frame, line in theirs), "")
