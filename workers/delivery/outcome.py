"""What the last try of a command means to its call: an outcome for `decide`, an entry for the timeline; pure."""

from typing import NamedTuple

import msgspec

from shared import client_state
from shared.ids import CallId
from shared.telnyx.answer import Answer
from shared.timeline import AnswerEntry
from workers.delivery.outbox import Waiting
from workers.delivery.retry import Failed, Succeeded, Verdict
from workers.logic.happened import CommandFailed, CommandSucceeded, CommandUnknown, CommandVoided, Outcome


class Sent(NamedTuple):
    """One try: its verdict, and when it was sent and answered (Unix seconds)."""

    item: Waiting
    verdict: Verdict
    answer: Answer | None
    sent: float
    answered: float


def outcome_of(sent: Sent) -> Outcome:
    row = sent.item.command.row
    match sent.verdict:
        case Succeeded():
            if sent.answer is None:
                return CommandSucceeded(row, sent.answered)
            return CommandSucceeded(row, sent.answered, sent.answer.data, sent.answer.items)
        case Failed(code="void"):
            return CommandVoided(row, sent.answered)
        case Failed(code, ended, again_in_s):
            again = again_in_s is not None
            return CommandFailed(row, sent.answered, code, ended, again, again_in_s or 0.0)
        case _:
            return CommandUnknown(row, sent.answered)


def entry_of(call: CallId, sent: Sent, outcome: Outcome) -> AnswerEntry:
    failed = outcome if isinstance(outcome, CommandFailed) else None
    was_sent = sent.answer is not None or isinstance(sent.verdict, Succeeded)
    return AnswerEntry(
        sent.item.command.row,
        sent.item.command.verb,
        type(outcome).__name__.removeprefix("Command").lower(),
        sent.item.first_at or sent.sent,
        sent.answered,
        sent.item.tries + was_sent,
        sent.answer.status if sent.answer else None,
        failed.code if failed else "",
        data=_data(call, outcome) if isinstance(outcome, CommandSucceeded) else b"",
        ended=failed.ended if failed else False,
        again=failed.again if failed else False,
        again_in_s=failed.again_in_s if failed else 0.0,
    )


def _data(call: CallId, outcome: CommandSucceeded) -> bytes:
    """What was answered, as JSON. Of a list only what carries our call: it tells of every leg of a connection."""
    if outcome.data:
        return msgspec.json.encode(outcome.data)
    if not outcome.items:
        return b""
    return msgspec.json.encode([item for item in outcome.items if _carries(item.get("client_state"), call)])


def _carries(state: object, call: CallId) -> bool:
    tag = client_state.read(state) if isinstance(state, str) else None
    return tag is not None and tag.call == call
