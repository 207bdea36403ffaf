"""The stand-in's faults of commands, over real HTTP."""

import httpx
import pytest

from tests import sim_process
from tests.sim_process import DESK

process, sim = sim_process.process, sim_process.sim


@pytest.mark.parametrize(
    ("fault", "status", "effective"),
    [
        ("401", 401, False),
        ("403", 403, False),
        ("404", 404, False),
        ("422", 422, False),
        ("429", 429, False),
        ("500", 500, False),
        ("504", 504, False),
        ("500_after", 500, True),
        ("502_after", 502, True),
        ("slow", 200, True),
    ],
)
def test_a_struck_command_is_performed_or_not_as_its_fault_says(sim, fault, status, effective):
    ccid = sim.answered()
    sim.put("faults", {"rules": [{"fault": fault, "on": "transfer", "times": 1}]})

    answers = [sim.act(ccid, "transfer", to=DESK, command_id="c1") for _ in range(2)]

    struck, repeat = sim.get("ledger?after=1")
    assert [answer.status_code for answer in answers] == [status, 200]
    assert (struck["fault"], struck["status"], struck["effective"]) == (fault, status, effective)
    assert (repeat["fault"], repeat["effective"]) == (None, not effective)
    assert len(sim.get("legs")) == 2


@pytest.mark.parametrize(
    ("fault", "waits"),
    [("429", ["4", None]), ("429_reset", [None, "4"]), ("429_bare", [None, None])],
)
def test_a_429_names_its_wait_in_one_way_or_the_other_or_not(sim, fault, waits):
    ccid = sim.answered()
    sim.put("faults", {"rules": [{"fault": fault, "times": 1, "secs": 4}]})

    answer = sim.act(ccid, "transfer", to=DESK)

    assert answer.status_code == 429
    assert [answer.headers.get(name) for name in ("retry-after", "x-ratelimit-reset")] == waits


@pytest.mark.parametrize("fault", ["cut_head", "cut_body"])
def test_an_answer_may_end_in_the_middle(sim, fault):
    ccid = sim.answered()
    sim.put("faults", {"rules": [{"fault": fault, "times": 1}]})

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        sim.act(ccid, "transfer", to=DESK)

    (entry,) = sim.get("ledger?after=1")
    assert (entry["fault"], entry["status"], entry["effective"]) == (fault, 200, True)


def test_an_answer_may_be_no_json_or_far_too_long(sim):
    ccid = sim.answered()
    sim.put("faults", {"rules": [{"fault": "bad_json", "times": 1}, {"fault": "huge", "times": 1}]})

    bad, huge = [sim.act(ccid, "transfer", to=DESK, command_id="c1") for _ in range(2)]

    with pytest.raises(ValueError, match="Expecting"):
        bad.json()
    assert len(huge.content) > 10_000_000
    assert [entry["effective"] for entry in sim.get("ledger?after=1")] == [True, False]


@pytest.mark.parametrize(
    ("fault", "error"),
    [("reset", (httpx.NetworkError, httpx.RemoteProtocolError)), ("silence", httpx.ReadTimeout)],
)
def test_a_command_may_be_performed_and_never_answered(sim, fault, error):
    ccid = sim.answered()
    sim.put("faults", {"rules": [{"fault": fault, "times": 1}]})

    with pytest.raises(error):
        sim.api.post(f"/calls/{ccid}/actions/transfer", json={"to": DESK}, timeout=0.3)

    (entry,) = sim.get("ledger?after=1")
    assert (entry["fault"], entry["status"], entry["effective"]) == (fault, None, True)
    assert len(sim.get("legs")) == 2


def test_the_ledger_tells_connections_apart(sim):
    sim.dial()
    sim.dial()
    httpx.post(sim.ready["url"] + "/calls", json={})

    first, second, other = [entry["connection"] for entry in sim.get("ledger")]
    assert first == second
    assert other != first
