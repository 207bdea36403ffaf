"""Why a stored command is not sent: judged by what is known right before its first byte."""

from shared.calls import Call
from shared.dialplan import Plan
from shared.faults import is_off
from shared.log import log
from workers.delivery.outbox import Waiting
from workers.delivery.permitted import refusal
from workers.delivery.retry import Failed, Unproven, Verdict, is_too_late
from workers.logic.decide import still_wanted


def withheld(item: Waiting, record: Call, own: Plan, now: float) -> Verdict | None:
    """What becomes of a command that must not go out now; None of one that may.

    `own` is the dialplan of this process, `now` the server's time. An earlier try may have had its effect all the
    same: then the command is unproven and not failed.
    """
    failed = _failed(item, record, own, now)
    return Unproven() if failed is not None and item.uncertain else failed


def age_s(item: Waiting, now: float) -> float:
    """Seconds since its first send."""
    assert item.first_at is not None
    return 0.0 if is_off("fifty_s_rule") else now - item.first_at


def _failed(item: Waiting, record: Call, own: Plan, now: float) -> Failed | None:
    command = item.command
    if not (still_wanted(record, command.row) or is_off("still_wanted")):
        return Failed("void")
    if item.refused:
        return Failed(item.refused)
    if forbidden := refusal(command, own):
        log.error("command_refused", verb=command.verb, command_id=command.command_id, bound=forbidden)
        return Failed(forbidden)
    if is_too_late(age_s(item, now)):
        return Failed("late", again_in_s=0.0)
    return None
