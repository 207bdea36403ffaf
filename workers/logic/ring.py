"""Ring group: members are dialled by its strategy, and the first accepted answer is bridged.

Legs that lost are hung up by `decide`, as every leg that nobody wants.
"""

from typing import Final

import msgspec

from shared import commands, dialplan
from shared.calls import Sent, Step
from shared.ids import LegId, Row
from workers.logic.acceptance import Standing, standing
from workers.logic.caller import announced, bridge_record, caller_id
from workers.logic.draft import Draft
from workers.logic.steps import otherwise, purpose
from workers.logic.transfer import TAKEN_GRACE_S

_replace = msgspec.structs.replace

RUNG_OUT_GRACE_S: Final = 15.0  # beyond ring_secs: the end of a leg that is not told by then was lost on its way


def ring(draft: Draft, action: dialplan.Ring) -> Step | None:
    match announced(draft, draft.plan.recording[action.record] if action.record else None):
        case "never":
            return otherwise(draft, action, "the call could not be prepared")
        case "not yet":
            return None
    group = draft.plan.groups[action.group]
    if draft.step.winner is None:
        standings = _ring_members(draft, action, group)
        _choose_winner(draft, standings)
        if draft.step.winner is None:
            over = len(standings) == len(group.members) and all(told.out for told in standings)
            return otherwise(draft, action, f"nobody of group {action.group!r} took it") if over else None
    assert draft.step.winner is not None
    return _bridge_winner(draft, action, draft.step.winner)


def _ring_members(draft: Draft, action: dialplan.Ring, group: dialplan.Group) -> list[Standing]:
    """Where everybody stands who was dialled: all at once, or one after the other."""
    standings = []
    for member in _in_turn(draft, action, group):
        row, sent = _ring_member(draft, action, group, member)
        told = standing(draft, group, row, sent)
        if not told.out and draft.call.leg_of(row) is not None and _rang_out(draft, group, row):
            told = told._replace(out=True)
        if told.out and told.leg is not None:
            draft.want("hangup", f"leftover {row}", lambda _: commands.Hangup(), told.leg)
        standings.append(told)
        if group.strategy != "simultaneous" and not told.out:
            break
    return standings


def _in_turn(draft: Draft, action: dialplan.Ring, group: dialplan.Group) -> tuple[str, ...]:
    if group.strategy != "round_robin":
        return group.members
    if draft.step.turn is None:
        draft.go(_replace(draft.step, turn=draft.take_turn(action.group)))
    first = (draft.step.turn or 0) % len(group.members)
    return (*group.members[first:], *group.members[:first])


def _rang_out(draft: Draft, group: dialplan.Group, row: Row) -> bool:
    """Whether a member that has not answered must have stopped ringing long ago."""
    leg = draft.call.leg_of(row)
    name = purpose(draft, f"rings {row}")
    if leg is None or leg.answered_at is not None:
        draft.cancel(name)
        return False
    return draft.has_fired(name, group.ring_secs + RUNG_OUT_GRACE_S)


def _ring_member(draft: Draft, action: dialplan.Ring, group: dialplan.Group, member: str) -> tuple[Row, Sent]:
    def build(row: Row) -> commands.Dial:
        shown = caller_id(draft, action.caller_id)
        return commands.Dial(
            connection_id=draft.main.connection_id or draft.profile_connection,
            from_=shown if isinstance(shown, str) else (draft.main.to or ""),
            to=member,
            timeout_secs=group.ring_secs,
            link_to=draft.main.control_id or msgspec.UNSET,
            client_state=draft.tag(row),
            answering_machine_detection="detect" if group.accept == "amd" else msgspec.UNSET,
        )

    return draft.want("dial", purpose(draft, f"dial {member}"), build, to=member)


def _choose_winner(draft: Draft, standings: list[Standing]) -> None:
    """The first accepted answer wins: the commit's version check makes it the only one."""
    taken = [(told.accepted_at, told.leg) for told in standings if told.accepted_at is not None and not told.out]
    if taken:
        winner = min(taken)[1]
        assert winner is not None
        draft.go(_replace(draft.step, winner=winner))
        draft.note(f"the leg of command {draft.call.legs[winner].row} took it")


def _bridge_winner(draft: Draft, action: dialplan.Ring, winner: LegId) -> Step | None:
    won = draft.call.legs[winner]
    record, records = bridge_record(draft, action.record)
    control_id = won.control_id
    assert control_id is not None

    def build(_: Row) -> commands.Bridge:
        return commands.Bridge(call_control_id=control_id, **record)

    _, sent = draft.want("bridge", purpose(draft, "bridge"), build, draft.call.main, records=records)
    if won.bridged_at is not None or draft.main.bridged_at is not None:
        draft.note("connected")
        return _replace(draft.step, at="connected")
    if sent.state == "failed":
        return otherwise(draft, action, "the bridge failed")
    if won.ended is not None and draft.has_fired(purpose(draft, "bridged?"), TAKEN_GRACE_S):
        return otherwise(draft, action, "the winner hung up before the bridge")
    return None
