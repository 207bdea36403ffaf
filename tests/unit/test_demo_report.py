"""The demo's verdict: what it counts, and that every promise can be seen broken."""

from collections import Counter

import pytest

from console.audit import Account
from console.demo.calls import Done
from console.demo.report import Played, Seen, outcomes, promises, table, wrong
from console.demo.scenarios import Expected, Kind
from shared import client_state
from shared.ids import CallId
from shared.placing import CallRequest

BALANCED = Account(2, 2, 0, 0, 0, 0, 0, 0, 0, 0)
REFUSED = Kind("no rule: refused", "unwanted", 1, Expected(commands={"reject": 1}), call={"to": "+1"})
HUMAN = Kind(
    "a human",
    "reminders",
    1,
    Expected(commands={"dial": 1, "transfer": 1}, talks_to=("+1312",)),
    request=CallRequest("reminder", "+1202"),
)


def entry(verb="reject", session="s1", command_id="c1", effective=True, same=None, body=None):
    return {
        "verb": verb,
        "session_id": session,
        "call_control_id": f"v3:{session}",
        "command_id": command_id,
        "effective": effective,
        "same_bytes_as_first": same,
        "fault": None,
        "body": body or {},
    }


def leg(to, session="s1", direction="outgoing", bridged_at=5.0, answered_at=1.0):
    times = {"bridged_at": bridged_at, "answered_at": answered_at}
    return {"to": to, "call_session_id": session, "direction": direction, **times}


def hook(event_id, delivered=True):
    return {"id": event_id, "delivered": delivered, "statuses": [200]}


def seen(**changed):
    good = Seen(
        played=[Played(REFUSED, CallId("call-1"), "s1")],
        ledger=[entry()],
        legs=[leg("+1", direction="incoming", bridged_at=None)],
        webhooks=[hook("a"), hook("b")],
        live_legs=0,
        account=BALANCED,
        latencies_s=[0.004, 0.006],
        archived=Counter(),
        seconds=1.0,
    )
    return good._replace(**changed)


def dialled(session="s1"):
    """What is seen of a reminder that a human has taken and that was transferred."""
    state = client_state.write(CallId("call-1"), 1, "plan")
    dial = entry("dial", session, "c1", body={"client_state": state})
    return seen(
        played=[Played(HUMAN, CallId("call-1"))],
        ledger=[dial, entry("transfer", session, "c2")],
        legs=[leg("+1202", session), leg("+1312", session)],
        account=Account(3, 3, 0, 0, 0, 0, 0, 0, 0, 0),
    )


def broken(what):
    return [promise.text for promise in promises(what) if not promise.held]


def test_all_promises_hold_where_all_went_well():
    assert broken(seen()) == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        (seen(webhooks=[hook("a"), hook("b", delivered=False)]), "every webhook was acknowledged"),
        (seen(webhooks=[hook("a")]), "every event was accepted once"),
        (seen(account=Account(2, 1, 0, 0, 0, 0, 0, 0, 0, 0)), "accepted = applied + parked + pending"),
        (seen(account=Account(2, 1, 0, 1, 0, 0, 0, 0, 0, 0)), "nothing is pending, nothing was parked"),
        (seen(account=Account(2, 1, 1, 0, 0, 0, 0, 0, 0, 0)), "nothing is pending, nothing was parked"),
        (seen(ledger=[entry(), entry()]), "no command took effect twice"),
        (seen(ledger=[entry(), entry(effective=False, same=False)]), "one id always carried the same bytes"),
        (seen(ledger=[]), "every call did what its dialplan says (0/1)"),
        (seen(legs=[leg("+1312")]), "every call did what its dialplan says (0/1)"),
        (seen(archived=Counter({"call-1": 1})), "every recording is archived whole (1/0)"),
        (seen(live_legs=1), "no leg was left behind"),
    ],
)
def test_each_promise_can_be_seen_broken(what, text):
    assert text in broken(what)


def test_a_request_is_an_event_of_its_own():
    assert broken(dialled()) == []
    assert broken(dialled()._replace(account=BALANCED)) == ["every event was accepted once"]


def test_a_requested_call_is_found_by_what_its_dial_carries_and_talks_to_whom_it_was_bridged_with():
    ((played, done),) = outcomes(dialled(session="only Telnyx knows"))

    assert played.call == "call-1"
    assert done == Done(Counter(dial=1, transfer=1), ("+1312",), 0)


def test_members_who_were_not_connected_were_not_talked_to():
    legs = [leg("+1", direction="incoming"), leg("+1312"), leg("+1313", bridged_at=None)]

    ((_, done),) = outcomes(seen(legs=legs))

    assert done.talked_to == ("+1312",)


@pytest.mark.parametrize(
    ("loser_at", "slowest_s", "passed_over"),
    [(None, 0.1, ()), (5.0, 0.1, ()), (2.5, 0.1, ()), (1.5, 0.1, ("+1313",)), (1.5, 3.0, ())],
)
def test_who_had_answered_well_before_the_one_who_was_connected_was_passed_over(loser_at, slowest_s, passed_over):
    legs = [leg("+1312", answered_at=4.0), leg("+1313", bridged_at=None, answered_at=loser_at)]

    ((_, done),) = outcomes(seen(legs=legs, latencies_s=[0.01, slowest_s]))

    assert (done.talked_to, done.passed_over) == (("+1312",), passed_over)


def test_commands_legs_and_recordings_of_another_call_are_not_counted():
    other = seen(
        ledger=[entry(), entry("answer", "s2", "c2")], legs=[leg("+1312", "s2")], archived=Counter({"other": 1})
    )

    ((_, done),) = outcomes(other)

    assert done == Done(Counter(reject=1), (), 0)


def test_a_call_that_went_wrong_is_named_with_what_came_of_it():
    (line,) = wrong(seen(ledger=[entry("answer")]))

    assert line == "no rule: refused, call call-1: commands 1 answer instead of 1 reject"


def test_the_table_has_a_row_for_each_kind_and_says_what_could_not_be_played():
    rows = table([(REFUSED, ""), (HUMAN, "clinic: closed")], "clinic closed (Sun 10:00, UTC)", seen()).splitlines()

    assert rows[1].split(maxsplit=5)[3:] == ["1", "1", "1 reject"]
    assert rows[2].startswith("a human")
    assert "not now: 'clinic: closed' takes it" in rows[2]
    assert "hours        clinic closed (Sun 10:00, UTC)" in rows


def test_the_totals_tell_of_messages_and_of_how_long_commands_took():
    ledger = [entry(), entry("record_start", command_id="c2")]

    text = table([(REFUSED, "")], "none", seen(ledger=ledger, archived=Counter({"call-1": 2})))

    assert "2 archived; 1 were messages in a voicemail box" in text
    assert "p50 5 ms, p99 6 ms" in text
