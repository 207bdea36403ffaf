"""An outbound call: dialled, answered, judged by machine detection, and handed to the branch of its profile."""

from typing import Final

import msgspec

from shared import commands, dialplan
from shared.calls import Request, Step
from shared.dialplan.walk import branches
from shared.ids import Row
from workers.logic.draft import Draft
from workers.logic.recording import of_answer, policy_fields
from workers.logic.steps import do

_replace = msgspec.structs.replace

# facts.md section 8: `not_sure` is treated as a human unless the profile says otherwise
BRANCH: Final[dict[str, dialplan.Branch]] = {
    "human": "human",
    "human_residence": "human",
    "human_business": "human",
    "machine": "machine",
    "fax_detected": "fax",
    "silence": "silence",
    "not_sure": "not_sure",
}


def place(draft: Draft, request: Request) -> Step | None:
    """Dial, and wait for the answer and the verdict; each wait has an end of its own."""
    profile = draft.plan.outbound[request.profile]
    policy = of_answer(draft.plan, (action for _, action in branches(profile)))

    def build(row: Row) -> commands.Dial:
        return commands.Dial(
            connection_id=draft.profile_connection,
            from_=profile.from_,
            to=request.to,
            timeout_secs=profile.ring_secs,
            client_state=draft.tag(row),
            answering_machine_detection=profile.amd.mode if profile.amd else msgspec.UNSET,
            **policy_fields(draft.plan, policy),
        )

    row, sent = draft.want("dial", "place", build, to=request.to, records=policy)
    if row in draft.call.made and draft.call.main is None:
        draft.put(_replace(draft.call, main=draft.call.made[row]))
    if sent.state in {"failed", "void"}:
        draft.put(_replace(draft.call, outcome="failed"))
        draft.note("the dial was refused")
        return _replace(draft.step, at="over")
    if draft.main.answered_at is None:
        return None
    verdict = _verdict(draft, profile)
    if verdict is None:
        return None
    branch = BRANCH.get(verdict, "not_sure")
    draft.put(_replace(draft.call, outcome=branch))
    draft.note(f"{verdict}: {branch} branch")
    return do(draft, dialplan.filled(profile.branch(branch), request.variables))


def _verdict(draft: Draft, profile: dialplan.Outbound) -> str | None:
    """What answered, or None while it is open. No verdict in time counts as `not_sure`."""
    if profile.amd is None:
        return "human"
    if draft.main.verdict is not None:
        draft.cancel("decide")
        return draft.main.verdict.result
    return "not_sure" if draft.has_fired("decide", profile.amd.decide_within_secs) else None


def outcome(cause: str) -> str:
    """How an outbound call ended that reached no branch, from its hangup_cause (facts.md section 10)."""
    if cause == "user_busy":
        return "busy"
    return "no_answer" if cause in {"timeout", "no_answer", "originator_cancel"} else "failed"
