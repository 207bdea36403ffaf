"""A leg that was found to be over: one fact with its hangup, whichever comes first."""

import itertools

import pytest

from shared.calls import Ended, Request
from shared.ids import LegId
from tests.builders import CALL, PLAN_HASH, Told, answered, hung_up, initiated, leg_initiated, plan
from workers.logic.happened import CallRequested, FoundEnded

FOUND = FoundEnded(LegId("caller"), 50.0)
PLAN = plan()


def test_a_call_whose_caller_was_found_gone_is_over():
    told = Told(PLAN).tell(initiated(), answered(), FOUND)

    assert told.call.step.at == "over"
    assert told.call.main_leg.ended == Ended(50.0, "gone")
    assert told.decisions[-1].outgoing == ()


def test_the_late_hangup_of_a_leg_that_was_found_to_be_over_is_the_same_fact():
    hangup = hung_up("caller", "user_busy", at=40.0)

    orders = [Told(PLAN).tell(initiated(), *order).call.legs for order in itertools.permutations((FOUND, hangup))]

    assert orders[0] == orders[1]
    assert orders[0]["caller"].ended == Ended(40.0, "user_busy")


def test_an_outbound_call_whose_leg_was_found_over_makes_room_for_the_next():
    outbound = """
[limits]
allow = ["+1*"]
[outbound.reminder]
from = "+13125550300"
human = { do = "say", text = "Hello." }
"""
    request = Request(CALL, "reminder", "+12025550171", {}, PLAN_HASH)
    told = Told(plan(more=outbound)).tell(CallRequested(request, 0.0))
    told.tell(leg_initiated("called", told.row("dial")))

    told.tell(FoundEnded(LegId("called"), 50.0))

    assert told.call.step.at == "over"
    assert told.decisions[-1].left == "reminder"


@pytest.mark.parametrize(
    ("found", "note"),
    [(FOUND, "the end of this leg is known already"), (FoundEnded(LegId("other"), 50.0), "this leg is not known")],
)
def test_what_is_known_already_or_of_no_leg_of_the_call_changes_nothing(found, note):
    told = Told(PLAN).tell(initiated(), hung_up())
    before = told.call

    told.tell(found)

    assert told.call == before
    assert told.decisions[-1].note == note
