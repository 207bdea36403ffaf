"""An outbound call: its attempts, each at an hour when it may be made, in its turn, dialled once.

wait ─▶ queue ─▶ place ─▶ verdict ─▶ do …     (`verdict` and the branches: machine_detection.py)
  ▲                │ nobody took it, or the call has ended
  └── attempts are left for this outcome
"""

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from shared import commands
from shared.calls import Leg, Request, Step
from shared.dialplan import Outbound, Plan, next_opening, seconds
from shared.dialplan.walk import branches
from shared.ids import Row
from shared.recipient import zones
from workers.logic.draft import Draft
from workers.logic.recording import of_answer, policy_fields
from workers.logic.steps import purpose

_replace = msgspec.structs.replace

PREMIUM: Final = "premium"
CLOCK_GRAIN_S: Final = 0.001  # a time that went through a calendar and back is not quite the same


def wait(draft: Draft, request: Request) -> Step | None:
    """Until a retry is due and the profile's hours are open."""
    if draft.step.delay_s and not draft.has_fired(purpose(draft, "retry"), draft.step.delay_s):
        return None
    opening = opening_of(draft.plan, request, draft.now)
    if opening is None:
        draft.note("the profile's hours never come")
        return attempt_over(draft, request, "failed")
    if opening > draft.now:
        if draft.has_fired(purpose(draft, "opens"), opening - draft.now):
            return Step(draft.step.n + 1, "wait")
        draft.note(f"waiting for {datetime.fromtimestamp(opening, UTC):%Y-%m-%d %H:%M} UTC")
        return None
    return Step(draft.step.n + 1, "queue")


def queue(draft: Draft, request: Request) -> Step | None:
    """Until this call's turn comes among those of its profile; by then its hours may be over."""
    if not draft.is_admitted(purpose(draft, "turn"), request.profile):
        return None
    if opening_of(draft.plan, request, draft.now) == draft.now:
        return Step(draft.step.n + 1, "place")
    draft.leave_live()
    return Step(draft.step.n + 1, "wait")


def place(draft: Draft, request: Request) -> Step | None:
    """Dial, and wait for the answer."""
    profile = draft.plan.outbound[request.profile]
    policy = of_answer(draft.plan, (action for _, action in branches(profile)))

    def build(row: Row) -> commands.Dial:
        return commands.Dial(
            connection_id=draft.profile_connection,
            from_=profile.from_,
            to=request.to,
            timeout_secs=profile.ring_secs,
            client_state=draft.tag(row),
            **_detection(profile),
            **policy_fields(draft.plan, policy),
        )

    row, sent = draft.want("dial", purpose(draft, "dial"), build, to=request.to, records=policy)
    if row in draft.call.made and draft.call.main is None:
        draft.put(_replace(draft.call, main=draft.call.made[row]))
    if sent.state in {"failed", "void"}:
        draft.note("the dial was refused")
        return attempt_over(draft, request, "dnc" if sent.code == "dnc" else "failed")
    return Step(draft.step.n + 1, "verdict") if draft.main.answered_at is not None else None


def attempt_over(draft: Draft, request: Request, outcome: str) -> Step:
    """Nothing more comes of this attempt: another one later, or the end of the call."""
    profile = draft.plan.outbound[request.profile]
    outcomes = (*draft.call.outcomes, outcome)
    draft.put(_replace(draft.call, outcome=outcome, outcomes=outcomes))
    draft.leave_live()
    delay = next((text for name, text in profile.retry_after.items() if name == outcome), None)
    if delay is not None and len(outcomes) < profile.attempts and not draft.call.cancelled:
        draft.note(f"{outcome}: attempt {len(outcomes) + 1} of {profile.attempts} follows in {delay}")
        draft.put(_replace(draft.call, outcome="", main=None))
        return Step(draft.step.n + 1, "wait", delay_s=seconds(delay))
    draft.note(f"outcome: {outcome}")
    draft.tell_outcome(profile.on_outcome)
    return _replace(draft.step, at="over")


def outcome_of(leg: Leg, cause: str) -> str:
    """How an attempt ended that reached no branch, from its hangup_cause (Telnyx SDK: types/call_hangup.py).

    Who was there and has hung up before any verdict is nobody that we know to be a human or a machine.
    """
    if leg.answered_at is not None or cause in {"normal_clearing", "time_limit"}:
        return "not_sure"
    if cause == "user_busy":
        return "busy"
    return "no_answer" if cause in {"timeout", "no_answer", "originator_cancel"} else "failed"


def opening_of(plan: Plan, request: Request, now: float) -> float | None:
    """When the call may be made: `now`, later, or never (None)."""
    profile = plan.outbound[request.profile]
    if profile.schedule is None:
        return now
    clocks = zones(request.to) if profile.clock == "recipient" else ()
    found = next_opening(plan, profile.schedule, now, clocks or (ZoneInfo(plan.timezone),))
    if found is None:
        return None
    return found.timestamp() if found.timestamp() > now + CLOCK_GRAIN_S else now


def _detection(profile: Outbound) -> dict[str, Any]:
    """The times of premium detection are set, as Telnyx's pages disagree on its defaults.

    30 s (Telnyx docs: answering-machine-detection) or 3.5 s (Telnyx docs: call-commands/dial).
    """
    amd = profile.amd
    if amd is None:
        return {}
    if not amd.mode.startswith(PREMIUM):
        return {"answering_machine_detection": amd.mode}
    config = commands.MachineDetectionConfig(
        total_analysis_time_millis=amd.decide_within_secs * 1000,
        greeting_duration_millis=amd.greeting_within_secs * 1000,
    )
    return {"answering_machine_detection": amd.mode, "answering_machine_detection_config": config}
