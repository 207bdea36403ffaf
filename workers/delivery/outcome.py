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


class Tried(NamedTuple):
    """A command after a try, and when that was sent and answered (Unix seconds).

    `answer` is None where it was not sent, or is proven without the answer.
    """

    item: Waiting
    verdict: Verdict
    answer: Answer | None
    sent: float
    answered: float


def outcome_of(tried: Tried) -> Outcome:
    row = tried.item.command.row
    match tried.verdict:
        case Succeeded():
            if tried.answer is None:
                return CommandSucceeded(row, tried.answered)
            return CommandSucceeded(row, tried.answered, tried.answer.data, tried.answer.items)
        case Failed(code="void"):
            return CommandVoided(row, tried.answered)
        case Failed(code, ended, again_in_s):
            again = again_in_s is not None
            return CommandFailed(row, tried.answered, code, ended, again, again_in_s or 0.0)
        case _:
            return CommandUnknown(row, tried.answered)


def entry_of(call: CallId, tried: Tried, outcome: Outcome) -> AnswerEntry:
    failed = outcome if isinstance(outcome, CommandFailed) else None
    was_sent = tried.answer is not None or isinstance(tried.verdict, Succeeded)
    return AnswerEntry(
        row=tried.item.command.row,
        verb=tried.item.command.verb,
        outcome=type(outcome).__name__.removeprefix("Command").lower(),
        sent=tried.item.first_at or tried.sent,
        answered=tried.answered,
        tries=tried.item.tries + was_sent,
        status=tried.answer.status if tried.answer else None,
        code=failed.code if failed else "",
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
