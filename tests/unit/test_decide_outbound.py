"""An outbound call: dialled, proven, judged, and handed to the branch of its profile."""

import pytest

from shared import commands, events
from shared.calls import Request
from tests.builders import CALL, PLAN_HASH, Told, answered, hung_up, leg_initiated, plan, spoken, verdict, webhook
from workers.logic.happened import CallRequested, CommandSucceeded, CommandUnknown, TimerFired

REMINDER = """
[limits]
allow = ["+1*"]
[outbound.reminder]
from = "+13125550300"
amd = { mode = "premium", decide_within_secs = 8 }
human = { do = "say", text = "Hello {name}.", then = { do = "transfer", to = "+13125550111" } }
machine = { do = "hangup" }
"""


def outbound(to: str = "+13125550777") -> Told:
    request = Request(CALL, "reminder", to, {"name": "Ana"}, PLAN_HASH)
    return Told(plan(more=REMINDER)).tell(CallRequested(request, 0.0))


def answered_outbound() -> Told:
    told = outbound()
    row = told.row("dial")
    data = {"call_leg_id": "called", "call_control_id": "v3:called", "call_session_id": "session"}
    return told.tell(CommandSucceeded(row, 0.0, data), leg_initiated("called", row), answered("called", 3.0, row))


def test_a_human_hears_the_text_with_its_variables_and_is_transferred() -> None:
    told = answered_outbound().tell(verdict("human_residence"))
    speak = told.sent[-1].command
    assert isinstance(speak, commands.Speak)
    assert speak.payload == "Hello Ana."

    told.tell(spoken("called"))

    assert told.verbs == ["dial", "speak", "transfer"]
    assert told.call.outcome == "human"


@pytest.mark.parametrize("result", ["machine", "silence", "fax_detected"])
def test_nobody_home_is_hung_up_on(result: str) -> None:
    told = answered_outbound().tell(verdict(result))

    assert told.verbs == ["dial", "hangup called"]


def test_no_verdict_in_time_counts_as_a_human() -> None:
    told = answered_outbound().fire("4:decide")

    assert told.verbs == ["dial", "speak"]


def test_a_verdict_after_the_branch_was_taken_changes_nothing() -> None:
    told = answered_outbound().tell(verdict("human_business"))
    before = told.verbs

    told.tell(verdict("machine", at=9.0))

    assert told.verbs == before


def test_a_beep_without_a_verdict_is_a_machine() -> None:
    told = answered_outbound().tell(webhook(events.PremiumGreetingEnded(result="beep_detected"), "called"))

    assert told.verbs == ["dial", "hangup called"]


@pytest.mark.parametrize(
    ("cause", "outcome"), [("user_busy", "busy"), ("timeout", "no_answer"), ("call_rejected", "failed")]
)
def test_a_call_that_nobody_takes_has_its_outcome(cause: str, outcome: str) -> None:
    told = outbound()
    row = told.row("dial")

    told.tell(leg_initiated("called", row), hung_up("called", cause, row=row))

    assert told.call.outcome == outcome
    assert told.verbs == ["dial"]


@pytest.mark.parametrize("to", ["+4420755501", "+1911", "911"])
def test_a_number_outside_the_limits_is_never_dialled(to: str) -> None:
    told = outbound(to)

    assert told.sent == []
    assert (told.call.outcome, told.call.step.at) == ("failed", "over")


def test_a_dial_without_proof_is_looked_for_and_never_dialled_twice() -> None:
    told = outbound()
    told.tell(CommandUnknown(told.row("dial"), 0.0))

    for number in (1, 2):
        told.fire(f"proof 1.{number}")
        told.tell(CommandSucceeded(told.row("look_for_leg"), 0.0, items=()))

    assert told.verbs == ["dial", "look_for_leg", "look_for_leg"]
    assert told.call.outcome == "failed"


def test_a_dial_without_proof_is_proven_by_the_leg_that_a_look_finds() -> None:
    told = outbound()
    row = told.row("dial")
    told.tell(CommandUnknown(row, 0.0)).fire("proof 1.1")
    item = {
        "call_leg_id": "called",
        "call_control_id": "v3:called",
        "call_session_id": "session",
        "client_state": told.sent[0].command.client_state,  # type: ignore[union-attr]
    }

    told.tell(CommandSucceeded(told.row("look_for_leg"), 0.0, items=({"call_leg_id": "other"}, item)))

    assert told.call.made[row] == "called"
    assert told.call.sent[row].state == "done"


def test_a_stale_timer_changes_nothing() -> None:
    told = answered_outbound()
    version = told.call.timers["4:decide"]
    told.tell(verdict("machine"))
    before = told.call

    told.tell(TimerFired("4:decide", version, 0.0))

    assert told.call == before
    assert "stale" in told.decisions[-1].note
