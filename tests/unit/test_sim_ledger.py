"""The memory of command ids: what counts as a repeat, and for how long."""

import math

import pytest

from simulator.ledger import Ledger, Request

OK = {"result": "ok"}


def request(command_id, *, verb="transfer", ccid="v3:a", extra=""):
    raw = f'{{"command_id":"{command_id}"{extra}}}'.encode()
    return Request(method="POST", path="/", verb=verb, call_control_id=ccid, raw=raw, connection=1)


def perform(ledger, one, at):
    entry = ledger.open(one, at, None)
    ledger.remember(entry, OK)
    return entry


@pytest.mark.parametrize(
    ("dedupe_s", "after_s", "repeat"),
    [(60.0, 59.9, True), (60.0, 60.0, False), (0.0, 0.0, False), (math.inf, 1e9, True)],
)
def test_a_command_id_is_remembered_for_its_time(dedupe_s, after_s, repeat):
    ledger = Ledger(dedupe_s)
    perform(ledger, request("c1"), 1000.0)

    again = ledger.open(request("c1"), 1000.0 + after_s, None)

    assert (ledger.performed_before(again) is not None) is repeat


@pytest.mark.parametrize(
    ("other", "repeat"),
    [
        (request("c1"), True),
        (request("c2"), False),
        (request("c1", ccid="v3:b"), False),
        (request("c1", verb="hangup"), True),
        (request("c1", verb="dial", ccid=None), False),
    ],
)
def test_a_command_id_counts_within_its_call_whatever_the_verb(other, repeat):
    ledger = Ledger(60.0)
    perform(ledger, request("c1"), 1000.0)

    again = ledger.open(other, 1001.0, None)

    assert (ledger.performed_before(again) is not None) is repeat


def test_dials_share_one_memory():
    ledger = Ledger(60.0)
    first = perform(ledger, request("c1", verb="dial", ccid=None), 1000.0)
    first.call_control_id = "v3:new"

    again = ledger.open(request("c1", verb="dial", ccid=None), 1001.0, None)

    performed = ledger.performed_before(again)
    assert performed is not None
    assert performed.seq == first.seq


def test_a_refused_command_is_not_remembered_but_its_bytes_are():
    ledger = Ledger(60.0)
    ledger.open(request("c1"), 1000.0, "503")

    same = ledger.open(request("c1"), 1001.0, None)
    other = ledger.open(request("c1", extra=',"to":"x"'), 1002.0, None)

    assert ledger.performed_before(same) is None
    assert ledger.entries[0].same_bytes_as_first is None
    assert same.same_bytes_as_first is True
    assert other.same_bytes_as_first is False


def test_a_body_that_is_not_json_still_stands_in_the_ledger():
    ledger = Ledger(60.0)

    entry = ledger.open(
        Request(method="POST", path="/", verb="hangup", call_control_id="v3:a", raw=b"{", connection=1), 1.0, None
    )

    assert entry.body is None
    assert ledger.entries == [entry]
