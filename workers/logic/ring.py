"""Ring group: every member is dialled, the first accepted answer is bridged, the rest is nobody's any more.

Legs that lost are hung up by `decide`, as every leg that nobody wants.
"""

from collections.abc import Callable

import msgspec

from shared import commands, dialplan
from shared.calls import Sent, Step
from shared.ids import LegId, Row
from workers.logic.caller import announced, caller_id, policy_of, record_fields
from workers.logic.draft import Draft
from workers.logic.steps import otherwise, purpose
from workers.logic.transfer import TAKEN_GRACE_S

_replace = msgspec.structs.replace


def ring(draft: Draft, action: dialplan.Ring) -> Step | None:
    policy = policy_of(draft, action.record)
    match announced(draft, policy):
        case "never":
            return otherwise(draft, action, "the call could not be prepared")
        case "not yet":
            return None
    group = draft.plan.groups[action.group]
    dialled = [_ring_member(draft, action, group, member) for member in group.members]
    if draft.step.winner is None:
        _choose_winner(draft, [row for row, _ in dialled])
    if draft.step.winner is not None:
        return _bridge_winner(draft, action, draft.step.winner, policy)
    if all(_over(draft, row, sent) for row, sent in dialled):
        return otherwise(draft, action, f"nobody of group {action.group!r} took it")
    return None


def _ring_member(draft: Draft, action: dialplan.Ring, group: dialplan.Group, member: str) -> tuple[Row, Sent]:
    def build(row: Row) -> commands.Dial:
        shown = caller_id(draft, action.caller_id)
        return commands.Dial(
            connection_id=draft.main.connection_id or "",
            from_=shown if isinstance(shown, str) else (draft.main.to or ""),
            to=member,
            timeout_secs=group.ring_secs,
            link_to=draft.main.control_id or msgspec.UNSET,
            client_state=draft.tag(row),
        )

    return draft.want("dial", purpose(draft, f"dial {member}"), build, to=member)


def _choose_winner(draft: Draft, rows: list[Row]) -> None:
    """The first accepted answer wins: the commit's version check makes it the only one."""
    taken = [
        (leg.answered_at, draft.call.made[row])
        for row in rows
        if (leg := draft.call.leg_of(row)) and leg.answered_at is not None and leg.ended is None and leg.control_id
    ]
    if taken:
        draft.go(_replace(draft.step, winner=min(taken)[1]))
        draft.note(f"{draft.call.legs[min(taken)[1]].row} took it")


def _bridge_winner(
    draft: Draft, action: dialplan.Ring, winner: LegId, policy: dialplan.RecordingPolicy | None
) -> Step | None:
    won = draft.call.legs[winner]
    record = record_fields(policy if policy and policy.start == "bridge" else None)
    control_id = won.control_id
    assert control_id is not None
    build: Callable[[Row], commands.Bridge] = lambda _: commands.Bridge(  # noqa: E731 - one expression, used once
        call_control_id=control_id, **record
    )
    _, sent = draft.want("bridge", purpose(draft, "bridge"), build, draft.call.main)
    if won.bridged_at is not None or draft.main.bridged_at is not None:
        draft.note("connected")
        return _replace(draft.step, at="connected")
    if sent.state == "failed":
        return otherwise(draft, action, "the bridge failed")
    if won.ended is not None and draft.has_fired(purpose(draft, "bridged?"), TAKEN_GRACE_S):
        return otherwise(draft, action, "the winner hung up before the bridge")
    return None


def _over(draft: Draft, row: Row, sent: Sent) -> bool:
    leg = draft.call.leg_of(row)
    return leg.ended is not None if leg is not None else sent.state in {"failed", "void"}
