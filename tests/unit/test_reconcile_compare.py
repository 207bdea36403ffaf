"""Our legs held against Telnyx's lists: which are missing, which are over, which nobody knows."""

import pytest

from shared.calls import Call, Ended, Leg
from shared.ids import CallId, ControlId, LegId, SessionId
from shared.reconcile.compare import DeadLeg, Listed, OpenLeg, Up, death, is_due, is_old, missing, open_legs
from shared.telnyx.calls import ActiveCall

NOW, CALL = 1000.0, CallId("call-1")


def ours(leg="leg-1", connection="29", since=0.0):
    return OpenLeg(CALL, LegId(leg), ControlId(f"v3:{leg}"), connection, since)


def active(leg="leg-2", seconds=0):
    return ActiveCall(
        call_control_id=f"v3:{leg}", call_leg_id=leg, call_session_id=f"s-{leg}", call_duration=seconds
    )


def listed(*legs, whole=("29",), is_all=True):
    return Listed({LegId(leg): Up("29", active(leg)) for leg in legs}, whole, is_all)


@pytest.mark.parametrize(
    ("leg", "told", "is_missing"),
    [
        (ours(), listed(), True),
        (ours(), listed("leg-1"), False),
        (ours(), listed("leg-2"), True),
        (ours(since=NOW - 120), listed(), True),
        (ours(since=NOW - 119), listed(), False),
        (ours(connection="30"), listed(), False),
        (ours(), listed(whole=(), is_all=False), False),
        (ours(connection=None), listed(), True),
        (ours(connection=None), listed(is_all=False), False),
    ],
)
def test_a_leg_is_missing_when_it_is_old_and_a_whole_list_of_its_connection_lacks_it(leg, told, is_missing):
    assert missing([leg], told, NOW) == ([leg] if is_missing else [])


@pytest.mark.parametrize(("since", "due"), [(NOW, False), (NOW - 29, False), (NOW - 30, True)])
def test_a_leg_is_asked_for_when_two_polls_half_a_minute_apart_missed_it(since, due):
    assert is_due(since, NOW) is due


@pytest.mark.parametrize(
    ("ended", "missing_since", "dead_at"),
    [
        (NOW - 120, NOW - 60, NOW - 120),
        (NOW - 119, NOW - 60, None),
        (None, NOW - 120, NOW - 120),
        (None, NOW - 119, None),
    ],
)
def test_a_leg_that_is_over_is_closed_once_its_end_is_old(ended, missing_since, dead_at):
    told = death(ours(), ended, missing_since, NOW)

    assert told == (DeadLeg(CALL, LegId("leg-1"), dead_at) if dead_at else None)


@pytest.mark.parametrize(
    ("seconds", "seen_since", "old"),
    [(119, NOW, False), (120, NOW, True), (0, NOW - 119, False), (0, NOW - 120, True)],
)
def test_an_unknown_leg_is_told_of_once_it_is_old(seconds, seen_since, old):
    assert is_old(active(seconds=seconds), seen_since, NOW) is old


def test_the_open_legs_of_a_call_are_those_that_can_be_asked_for_and_have_not_ended():
    leg = Leg(control_id=ControlId("v3:leg-1"), session_id=SessionId("s"), connection_id="29")
    answered = Leg(control_id=ControlId("v3:leg-2"), initiated_at=10.0, answered_at=20.0)
    ended = Leg(control_id=ControlId("v3:leg-3"), ended=Ended(5.0, "timeout"))
    legs = {"leg-1": leg, "leg-2": answered, "leg-3": ended, "leg-4": Leg()}

    found = open_legs(Call(CALL, legs=legs), since=7.0)

    assert found == [ours(since=7.0), ours("leg-2", connection=None, since=20.0)]
