"""The demo's verdict: what it counts, and that every promise can be seen broken."""

from collections import Counter

import pytest

from console.audit import Account
from console.demo_calls import KINDS, as_expected, mix
from console.demo_report import Played, Seen, promises, table

BALANCED = Account(2, 2, 0, 0, 0, 0, 0, 0, 0, 0)
REFUSED = next(kind for kind in KINDS if kind.name == "no rule: refused")


def entry(verb="reject", session="s1", command_id="c1", effective=True, same=None):
    return {
        "verb": verb,
        "session_id": session,
        "call_control_id": f"v3:{session}",
        "command_id": command_id,
        "effective": effective,
        "same_bytes_as_first": same,
        "fault": None,
    }


def hook(event_id, delivered=True):
    return {"id": event_id, "delivered": delivered, "statuses": [200]}


def seen(**changed):
    good = Seen(
        played=[Played(REFUSED, "s1")],
        ledger=[entry()],
        webhooks=[hook("a"), hook("b")],
        live_legs=0,
        account=BALANCED,
        latencies_s=[0.004, 0.006],
        recordings_good=0,
        seconds=1.0,
    )
    return good._replace(**changed)


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
        (seen(recordings_good=1), "every recording is archived whole (1/0)"),
        (seen(live_legs=1), "no leg was left behind"),
    ],
)
def test_each_promise_can_be_seen_broken(what, text):
    assert text in broken(what)


@pytest.mark.parametrize("calls", [1, 14, 50, 86, 300])
def test_the_mix_has_as_many_calls_as_asked(calls):
    kinds = mix(calls)

    assert len(kinds) == calls
    assert [kind.wave for kind in kinds] == sorted(kind.wave for kind in kinds)


def test_the_default_mix_plays_every_kind_at_least_five_times():
    counts = Counter(kind.name for kind in mix(86))

    assert len(counts) == len(KINDS)
    assert min(counts.values()) >= 5


def test_one_command_more_or_fewer_is_not_as_expected():
    taken = next(kind for kind in KINDS if kind.name == "announcement")

    assert as_expected(taken, Counter(answer=1, speak=1, hangup=1))
    assert not as_expected(taken, Counter(answer=1, speak=2, hangup=1))
    assert not as_expected(taken, Counter(answer=1, speak=1))


def test_the_table_has_a_row_for_each_kind():
    rows = table(seen()).splitlines()

    assert [kind for kind in KINDS if not any(row.startswith(kind.name) for row in rows)] == []


def test_a_caller_who_gives_up_may_be_gone_before_anything_was_sent_but_nothing_is_sent_twice():
    gone = next(kind for kind in KINDS if kind.name == "caller gives up while it rings")

    assert as_expected(gone, Counter())
    assert as_expected(gone, Counter(answer=1, speak=1, transfer=1, hangup=1))
    assert not as_expected(gone, Counter(answer=1, transfer=2))
    assert not as_expected(gone, Counter(answer=1, dial=1))


def test_a_member_who_was_not_rung_in_time_needs_no_hangup_either():
    won = next(kind for kind in KINDS if kind.name == "sales, the first to answer wins")

    assert as_expected(won, Counter(answer=1, dial=3, bridge=1, hangup=2))
    assert as_expected(won, Counter(answer=1, dial=2, bridge=1, hangup=1))
    assert as_expected(won, Counter(answer=1, dial=1, bridge=1))
    assert not as_expected(won, Counter(answer=1, dial=3, bridge=1, hangup=1))
    assert not as_expected(won, Counter(answer=1, dial=2, bridge=1, hangup=2))
    assert not as_expected(won, Counter(answer=1, dial=4, bridge=1, hangup=3))
    assert not as_expected(won, Counter(answer=1, bridge=1))
