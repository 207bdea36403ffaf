"""Transfer: the call moves to one number; what nobody takes goes on to `otherwise`."""

from typing import Final

import msgspec

from shared import commands, dialplan
from shared.calls import Leg, Sent, Step
from shared.ids import Row
from workers.logic.caller import announced, bridge_record, caller_id
from workers.logic.draft import Draft
from workers.logic.steps import give_up, otherwise, purpose

TAKEN_GRACE_S: Final = 2.0  # a leg that ended normally was most likely answered: its late answer may still come
ENDS_TOO_S: Final = 10.0  # Telnyx ends the other leg of a bridge too: the event may still be on its way


def transfer(draft: Draft, action: dialplan.Transfer) -> Step | None:
    match announced(draft, draft.plan.recording[action.record] if action.record else None):
        case "never":
            return otherwise(draft, action, "the call could not be prepared")
        case "not yet":
            return None
    row, sent = _moved(draft, action)
    if sent.state == "failed":
        return otherwise(draft, action, "the transfer was refused")
    leg = draft.call.leg_of(row)
    if leg is not None and leg.bridged_at is not None:
        draft.note("connected")
        return msgspec.structs.replace(draft.step, at="connected")
    if _ended_untaken(draft, leg, sent):
        return otherwise(draft, action, f"not taken ({leg.ended.cause if leg and leg.ended else 'no leg'})")
    if leg is not None and leg.ended is not None and draft.has_fired(f"{sent.purpose}:ends?", ENDS_TOO_S):
        return give_up(draft, "it was taken and has ended, and the caller is still there")
    return None


def _moved(draft: Draft, action: dialplan.Transfer) -> tuple[Row, Sent]:
    record, records = bridge_record(draft, action.record)

    def build(row: Row) -> commands.Transfer:
        return commands.Transfer(
            to=action.to,
            from_=caller_id(draft, action.caller_id),
            timeout_secs=action.ring_secs,
            target_leg_client_state=draft.tag(row),
            **record,
        )

    name = purpose(draft, "transfer")
    return draft.want("transfer", name, build, draft.call.main, to=action.to, records=records)


def _ended_untaken(draft: Draft, leg: Leg | None, sent: Sent) -> bool:
    """The new leg ended before it was answered or bridged.

    A normal end without a known answer is most likely one whose answer is still on its way, so it is waited for.
    """
    if leg is None or leg.ended is None or leg.answered_at is not None:
        return False
    if leg.ended.cause in {"normal_clearing", "time_limit", "gone"}:
        return draft.has_fired(f"{sent.purpose}:taken?", TAKEN_GRACE_S)
    return True
