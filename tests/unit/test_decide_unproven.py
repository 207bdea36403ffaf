"""Commands that no try has proven: webhooks and looks settle them, or a new try."""

import pytest

from tests.builders import Told, answered, initiated, rule
from workers.logic.happened import CommandFailed, CommandSucceeded, CommandUnknown

TRANSFER = '{ do = "transfer", to = "+13125550111" }'


@pytest.mark.parametrize("number", [1, 2])
def test_a_look_that_brings_no_answer_proves_nothing_and_ends_nothing(number: int) -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    told.tell(CommandUnknown(told.row("answer"), 0.0))
    for wait in range(1, number + 1):
        told.fire(f"proof 1.{wait}").tell(CommandUnknown(told.row("look_at_leg"), 0.0))

    told.tell(answered(at=9.0))

    assert told.verbs[-1] == "transfer"


def test_an_answer_without_proof_is_sent_anew_when_no_webhook_and_no_look_proves_it() -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    told.tell(CommandUnknown(told.row("answer"), 0.0))

    for number in (1, 2):
        told.fire(f"proof 1.{number}")
        told.tell(CommandSucceeded(told.row("look_at_leg"), 0.0, {"is_alive": True}))

    assert told.verbs == ["answer", "look_at_leg", "look_at_leg", "answer"]


def test_an_answer_without_proof_is_proven_by_call_answered() -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    row = told.row("answer")
    told.tell(CommandUnknown(row, 0.0))

    told.tell(answered())

    assert told.call.sent[row].state == "done"
    assert told.verbs == ["answer", "transfer"]


def test_a_look_at_a_leg_that_is_gone_ends_the_call() -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    told.tell(CommandUnknown(told.row("answer"), 0.0)).fire("proof 1.1")

    told.tell(CommandFailed(told.row("look_at_leg"), 0.0, "10005", ended=True))

    assert told.call.step.at == "over"
