"""`trunkline reconcile`, against the stand-in."""

import json
import time
from pathlib import Path

import pytest

from shared import queues
from tests import sim_process
from tests.command import trunkline

process, sim = sim_process.process, sim_process.sim

CONNECTION = "2900000000000000001"
NOTHING = {"closed": [], "fed": [], "missed": [], "unknown": [], "suspects": 0, "troubles": [], "hung_up": {}}


@pytest.fixture
def reconcile(redis_url, valkey, sim, dialplan_path: Path):
    def run(*arguments, given=b"", **env):
        ours = {
            "REDIS_URL": redis_url,
            "TELNYX_API_KEY": "key",
            "TELNYX_BASE_URL": sim.ready["url"],
            "TELNYX_CONNECTION_ID": CONNECTION,
            "DIALPLAN": str(dialplan_path),
        }
        return trunkline("reconcile", *arguments, given=given, **ours | env)

    return run


def strangers(sim, valkey, count=1):
    """Calls that are up at Telnyx and unknown here, and were seen three minutes ago."""
    ids = [sim.answered() for _ in range(count)]
    legs = [leg["call_leg_id"] for leg in sim.get("legs")]
    valkey.hset(queues.STRANGERS, mapping=dict.fromkeys(legs, time.time() - 180))
    return ids


def hangups(sim):
    return [entry["call_control_id"] for entry in sim.get("ledger") if entry["verb"] == "hangup"]


def test_when_both_sides_agree_there_is_nothing_to_tell(reconcile, sim):
    sim.answered()  # too young to be judged

    code, out, _ = reconcile("--json")

    told = json.loads(out)
    assert told.pop("upto") == pytest.approx(time.time() - 120, abs=30)
    assert (code, told) == (0, NOTHING)


def test_an_unknown_leg_is_reported_left_alone_and_counted_in_the_audit(reconcile, redis_url, valkey, sim):
    (ccid,) = strangers(sim, valkey)

    code, out, _ = reconcile()

    counted = trunkline("audit", "--json", REDIS_URL=redis_url)
    assert code == 1
    assert "up at Telnyx, and no call of ours" in out
    assert ccid in out
    assert hangups(sim) == []
    assert (counted.returncode, json.loads(counted.stdout)["unknown"]) == (0, 1)


def test_an_unknown_leg_is_hung_up_with_yes(reconcile, valkey, sim):
    (ccid,) = strangers(sim, valkey)

    code, out, _ = reconcile("--hangup-unknown", "--yes", "--json")

    assert code == 0
    assert json.loads(out)["hung_up"] == {ccid: "done"}
    assert hangups(sim) == [ccid]


def test_each_unknown_leg_is_asked_about(reconcile, valkey, sim):
    strangers(sim, valkey, count=3)

    code, out, err = reconcile("--hangup-unknown", "--json", given=b"y\nn\n")

    told = json.loads(out)["hung_up"]
    assert code == 1
    assert sorted(told.values()) == ["done", "left alone", "left alone"]
    assert hangups(sim) == [ccid for ccid, what in told.items() if what == "done"]
    assert err.count("[y/N]") == 3


def test_a_telnyx_that_is_away_is_told_and_exits_1(reconcile):
    code, out, _ = reconcile(TELNYX_BASE_URL="http://127.0.0.1:1")

    assert code == 1
    assert "incomplete: call events: no answer" in out
    assert f"incomplete: active calls of connection {CONNECTION}: no answer" in out


@pytest.mark.parametrize(
    ("arguments", "env", "names"),
    [
        (("--since", "3d"), {}, "'3d' is not a time such as 30m or 2h, up to 24h"),
        ((), {"TELNYX_API_KEY": ""}, "TELNYX_API_KEY is missing"),
    ],
)
def test_bad_usage_is_one_line_and_exits_2(reconcile, arguments, env, names):
    code, out, err = reconcile(*arguments, **env)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert names in err
