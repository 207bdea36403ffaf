"""What a call does, told as the events that come and the commands that follow."""

import pytest

from shared import events
from tests.builders import CLINIC, Told, answered, hung_up, initiated, leg_initiated, plan, rule, webhook
from workers.logic.decide import still_wanted
from workers.logic.happened import CommandVoided

TRANSFER = '{ do = "transfer", to = "+13125550111" }'


def test_a_call_without_a_rule_gets_the_default() -> None:
    told = Told(plan()).tell(initiated(to="+19995550000"))

    assert told.verbs == ["reject"]
    assert told.call.rule == "[default]"


def test_an_outcome_that_is_told_twice_changes_nothing() -> None:
    told = Told(rule(TRANSFER)).tell(initiated()).accept("answer")
    before = told.call

    told.accept("answer")

    assert told.call == before


def test_a_command_is_unwanted_once_its_leg_is_over_but_a_leftover_still_gets_its_hangup() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    assert still_wanted(told.call, row)

    told.tell(leg_initiated("b", row), hung_up())

    assert not still_wanted(told.call, row)
    assert still_wanted(told.call, told.row("hangup"))


def test_a_voided_command_is_written_down() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), hung_up())

    told.tell(CommandVoided(told.row("answer"), 0.0))

    assert told.call.sent[told.row("answer")].state == "void"
    assert told.call.over


def test_an_outgoing_leg_that_is_not_ours_is_recorded_and_never_commanded() -> None:
    told = Told(rule(TRANSFER)).tell(webhook(events.CallInitiated(direction="outgoing", to=CLINIC), "foreign"))

    told.tell(answered("foreign"), hung_up("foreign"))

    assert told.verbs == []
    assert told.call.legs["foreign"].ended is not None  # type: ignore[index]


@pytest.mark.parametrize("event", [events.StreamingStarted(), events.StreamingFailed(), events.Other("call.cost")])
def test_an_event_that_asks_for_nothing_is_noted(event: events.Payload) -> None:
    told = Told(rule(TRANSFER)).tell(webhook(event))

    assert told.verbs == []
    assert told.decisions[-1].note
