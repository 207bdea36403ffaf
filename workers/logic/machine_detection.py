"""Who has answered an outbound call, and the branch of the profile that this asks for."""

from typing import Final

import msgspec

from shared import dialplan
from shared.calls import Request, Step
from workers.logic.draft import Draft
from workers.logic.steps import do, purpose

# `not_sure` is treated as a human unless the profile says otherwise (Telnyx docs: answering-machine-detection)
BRANCH: Final[dict[str, dialplan.Branch]] = {
    "human": "human",
    "human_residence": "human",
    "human_business": "human",
    "machine": "machine",
    "fax_detected": "fax",
    "silence": "silence",
    "not_sure": "not_sure",
}


def verdict(draft: Draft, request: Request) -> Step | None:
    """Wait for the verdict, but not for ever, and take its branch; nothing that is told later takes another."""
    profile = draft.plan.outbound[request.profile]
    told = _told(draft, profile)
    if told is None:
        return None
    branch = BRANCH.get(told, "not_sure")
    draft.put(msgspec.structs.replace(draft.call, outcome=branch))
    draft.note(f"{told}: {branch} branch")
    step = do(draft, dialplan.filled(profile.branch(branch), request.variables))
    return msgspec.structs.replace(step, after_tone=draft.main.screened_at is not None)


def _told(draft: Draft, profile: dialplan.Outbound) -> str | None:
    """The verdict, or None while it is open. No verdict in time counts as `not_sure`."""
    if profile.amd is None:
        return "human"
    if draft.main.verdict is not None:
        return draft.main.verdict.result
    return "not_sure" if draft.has_fired(purpose(draft, "decide"), profile.amd.decide_within_secs) else None


def is_screened_anew(draft: Draft) -> bool:
    """Whether what was taken for a machine has turned out to be a phone that screens its calls.

    After its tone detection begins again, and whoever comes on the line is judged afresh (Telnyx docs:
    answering-machine-detection). A tone that is told late may lie before the verdict that was acted on: that one
    stands.
    """
    if not isinstance(draft.step.action, dialplan.LeaveMessage) or draft.step.after_tone:
        return False
    verdict = draft.main.verdict
    return draft.main.screened_at is not None and (verdict is None or verdict.result != "machine")
