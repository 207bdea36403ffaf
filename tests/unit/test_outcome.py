"""How the last try of a command is told: to `decide` as an outcome, and on the timeline with all that is in it."""

import msgspec
import pytest

from shared import client_state
from shared.commands import Request
from shared.ids import CallId, Row
from shared.telnyx import Answer
from workers.delivery.outbox import Command, Waiting
from workers.delivery.outcome import Tried, entry_of, outcome_of
from workers.delivery.retry import Failed, Succeeded, Unproven, Verdict
from workers.logic.happened import CommandFailed, CommandSucceeded, CommandUnknown, CommandVoided

CALL = CallId("call-1")
ROW = Row(3)
COMMAND = Command(ROW, "dial", "row 3", "an id", Request("POST", "/calls"))
TAKEN = Answer(status=200, data={"call_leg_id": "leg"})
REFUSED = Answer(status=422)


def told(verdict: Verdict, answer: Answer | None):
    sent = Tried(Waiting(COMMAND, first_at=1.0, tries=1), verdict, answer, 2.0, 3.0)
    outcome = outcome_of(sent)
    return outcome, entry_of(CALL, sent, outcome)


@pytest.mark.parametrize(
    ("verdict", "answer", "outcome", "name", "tries"),
    [
        (Succeeded(), TAKEN, CommandSucceeded(ROW, 3.0, {"call_leg_id": "leg"}), "succeeded", 2),
        (Succeeded(), None, CommandSucceeded(ROW, 3.0), "succeeded", 2),
        (Failed("90018", ended=True), REFUSED, CommandFailed(ROW, 3.0, "90018", ended=True), "failed", 2),
        (
            Failed("90034", again_in_s=1.0),
            REFUSED,
            CommandFailed(ROW, 3.0, "90034", False, True, 1.0),
            "failed",
            2,
        ),
        (Failed("late", again_in_s=0.0), None, CommandFailed(ROW, 3.0, "late", False, True, 0.0), "failed", 1),
        (Failed("void"), None, CommandVoided(ROW, 3.0), "voided", 1),
        (Unproven(), None, CommandUnknown(ROW, 3.0), "unknown", 1),
    ],
)
def test_a_verdict_becomes_an_outcome_and_an_entry_that_tells_the_same(verdict, answer, outcome, name, tries):
    given, entry = told(verdict, answer)

    assert given == outcome
    assert (entry.row, entry.verb, entry.outcome, entry.tries) == (ROW, "dial", name, tries)
    assert (entry.sent, entry.answered, entry.status) == (1.0, 3.0, answer and answer.status)
    failed = outcome if isinstance(outcome, CommandFailed) else CommandFailed(ROW, 3.0, "")
    assert (entry.code, entry.ended) == (failed.code, failed.ended)
    assert (entry.again, entry.again_in_s) == (failed.again, failed.again_in_s)


def test_an_entry_keeps_what_telnyx_answered():
    _, entry = told(Succeeded(), TAKEN)

    assert msgspec.json.decode(entry.data) == {"call_leg_id": "leg"}


def test_of_a_list_an_entry_keeps_what_carries_this_call_alone():
    ours = {"call_leg_id": "leg", "client_state": client_state.write(CALL, ROW, "plan")}
    others = ({"client_state": client_state.write(CallId("call-2"), ROW, "plan")}, {"client_state": 7}, {})

    outcome, entry = told(Succeeded(), Answer(status=200, items=(ours, *others)))

    assert msgspec.json.decode(entry.data) == [ours]
    assert len(outcome.items) == 4
