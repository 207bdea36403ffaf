"""A call in a line: who, under which rule, and how it stands."""

import pytest

from console.summary import Kept, has_number, row, summary
from shared.calls import Call, Ended, Leg, Request, Step
from shared.dialplan import Transfer
from shared.ids import CallId, LegId
from shared.numbers import masked

ID = CallId("call-1")
CALLER, CLINIC, DESK = "+12025550142", "+13125550100", "+13125550111"
INCOMING = Leg(direction="incoming", from_=CALLER, to=CLINIC, initiated_at=100.0)
RINGING = Call(
    ID,
    rule="clinic",
    main=LegId("a"),
    step=Step(1, "do", Transfer(DESK)),
    legs={LegId("a"): INCOMING, LegId("b"): Leg(to=DESK)},
)
OVER = Call(
    ID,
    rule="clinic",
    main=LegId("a"),
    step=Step(1, "over"),
    legs={LegId("a"): Leg(from_=CALLER, to=CLINIC, initiated_at=100.0, ended=Ended(112.5, "user_busy"))},
)
PLACED = Call(
    ID,
    main=LegId("a"),
    step=Step(1, "over"),
    request=Request(ID, "reminder", CALLER, {}, "plan"),
    outcome="machine",
    legs={LegId("a"): Leg(from_=CLINIC, ended=Ended(112.5, "normal_clearing"))},
)
COLUMNS = ("direction", "from", "to", "rule", "state", "legs", "duration")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (RINGING, ("inbound", "+1•••42", "+1•••00", "clinic", "transfer", 2, "20.0 s")),
        (OVER, ("inbound", "+1•••42", "+1•••00", "clinic", "user_busy", 1, "12.5 s")),
        (PLACED, ("outbound", "+1•••00", "+1•••42", "reminder", "machine", 1, "7.5 s")),
        (Call(ID), (None, None, None, None, "start", 0, None)),
        (None, (None, None, None, None, None, 0, None)),
    ],
    ids=["live", "over", "outbound", "not begun", "forgotten"],
)
def test_a_call_is_told_in_a_line(call, told):
    line = row(summary(Kept(ID, 105.0, call), now=120.0), masked)

    assert tuple(line[column] for column in COLUMNS) == told
    assert line["began"] == "1970-01-01T00:01:45Z"


@pytest.mark.parametrize(
    ("pattern", "is_one"),
    [(CALLER, True), (DESK, True), ("+1312*", True), ("+13125550199", False), ("+44*", False)],
)
def test_a_number_is_looked_for_among_the_parties_of_every_leg(pattern, is_one):
    assert has_number(summary(Kept(ID, 0.0, RINGING), 0.0), pattern) is is_one
