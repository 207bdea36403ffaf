"""What is counted and logged of commands: each answer, each end, and how soon a webhook led to the first byte."""

import time
from collections.abc import Callable

from shared import metrics
from shared.ids import CallId
from shared.log import log
from workers.delivery.outbox import Waiting
from workers.delivery.outcome import Tried
from workers.logic.happened import CommandFailed, CommandSucceeded, CommandUnknown, CommandVoided, Outcome


def first_byte(item: Waiting) -> Callable[[], None]:
    """Called when its first request has gone out. Nothing of a resend, or of what no webhook has caused."""
    received = item.command.received

    def written() -> None:
        if received and not item.tries:
            metrics.WEBHOOK_TO_COMMAND.observe(time.time() - received)

    return written


def answer(status: int | None) -> None:
    """One that Telnyx gave to one try; None where it gave none."""
    metrics.TELNYX_ANSWERS.add("none" if status is None else "429" if status == 429 else f"{status // 100}xx")


def settled(call: CallId, tried: Tried, outcome: Outcome) -> None:
    """The end of a command, once it is stored. A caller who hung up first is no fault of anybody."""
    command = tried.item.command
    named, code = _named(outcome)
    metrics.COMMANDS.add(command.verb, named)
    is_well = named in {"effective", "void"} or (isinstance(outcome, CommandFailed) and outcome.ended)
    (log.debug if is_well else log.warning)(
        "command_settled",
        call=call,
        verb=command.verb,
        command_id=command.command_id,
        outcome=named,
        code=code,
        tries=tried.item.tries + (tried.answer is not None),
        status=tried.answer.status if tried.answer else None,
    )


def _named(outcome: Outcome) -> tuple[str, str]:
    """As the metrics name it, and Telnyx's code of a refusal."""
    match outcome:
        case CommandSucceeded():
            return "effective", ""
        case CommandFailed(code=code, again=again):
            return "again" if again else "failed", code
        case CommandUnknown():
            return "unknown", ""
        case CommandVoided():
            return "void", ""
