"""`trunkline outbound`: how the profiles of outbound calls stand, and the brake."""

import json
import time

import pytest

from tests.command import trunkline

PLAN = """
version = 1
timezone = "UTC"
[outbound.slow]
from = "+13125550300"
dials_per_sec = 0.5
max_live = 8
human = { do = "hangup" }
[outbound.free]
from = "+13125550300"
human = { do = "hangup" }
[default]
then = { do = "reject" }
"""
EMPTY = {"live": 0, "waiting": 0, "paused": False, "dials_per_sec": None, "max_live": None, "next": None}


@pytest.fixture
def outbound(redis_url, valkey, tmp_path):
    file = tmp_path / "dialplan.toml"
    file.write_text(PLAN)

    def run(*arguments, **env):
        return trunkline("outbound", *arguments, **{"REDIS_URL": redis_url, "DIALPLAN": str(file), **env})

    return run


def test_profiles_of_the_dialplan_and_of_valkey_are_listed_with_their_calls_and_pace(outbound, valkey):
    soon = time.time() + 3600
    valkey.sadd("trunkline:outbound", "slow", "gone")
    valkey.sadd("trunkline:live:slow", "a", "b")
    valkey.zadd("trunkline:waiting:slow", {"c": 1, "d": 2, "e": 3})
    valkey.hset("trunkline:outbound:slow", mapping={"rate": "9.0", "most": "1", "next": soon, "paused": "1"})
    valkey.hset("trunkline:outbound:gone", mapping={"rate": "2.5", "most": "", "next": "1700000000.25"})

    done = outbound("list", "--json")

    assert json.loads(done.stdout) == [
        {
            "profile": "slow",
            "live": 2,
            "waiting": 3,
            "paused": True,
            "dials_per_sec": 0.5,
            "max_live": 8,
            "next": soon,
        },
        {"profile": "free", **EMPTY},
        {"profile": "gone", **EMPTY, "dials_per_sec": 2.5},
    ]


def test_the_table_is_for_a_person(outbound, valkey):
    valkey.hset("trunkline:outbound:slow", "next", "4102444800")

    heads, slow, free = outbound("list").stdout.splitlines()

    assert heads.split() == ["profile", "live", "waiting", "paused", "dials_per_sec", "max_live", "next"]
    assert slow.split() == ["slow", "0", "0", "no", "0.5", "8", "2100-01-01", "00:00:00", "UTC"]
    assert free.split() == ["free", "0", "0", "no", "-", "-", "-"]


def test_a_profile_is_paused_and_resumed(outbound, valkey):
    paused, again = outbound("pause", "slow"), json.loads(outbound("pause", "slow", "--json").stdout)
    kept = valkey.hgetall("trunkline:outbound:slow")
    resumed, twice = outbound("resume", "slow"), outbound("resume", "slow")

    assert (paused.returncode, paused.stdout) == (0, "slow is paused\n")
    assert again == {"profile": "slow", "paused": True, "changed": False}
    assert kept == {b"paused": b"1"}
    assert (resumed.returncode, resumed.stdout) == (0, "slow dials again\n")
    assert (twice.returncode, twice.stdout) == (0, "slow was not paused\n")
    assert valkey.exists("trunkline:outbound:slow") == 0


def test_what_has_dialled_can_be_paused_without_a_dialplan(outbound, valkey):
    valkey.sadd("trunkline:outbound", "gone")

    assert outbound("pause", "gone", DIALPLAN="nowhere.toml").returncode == 0
    assert valkey.hgetall("trunkline:outbound:gone") == {b"paused": b"1"}


@pytest.mark.parametrize(
    ("arguments", "env", "named"),
    [
        (("pause", "nobody"), {}, "'nobody'"),
        (("pause", "\udcff"), {}, "UTF-8"),
        (("pause", "nobody"), {"DIALPLAN": "nowhere.toml"}, "nowhere.toml"),
        (("list",), {"REDIS_URL": ""}, "REDIS_URL"),
    ],
)
def test_what_is_unknown_is_named_and_nothing_is_written(outbound, valkey, arguments, env, named):
    done = outbound(*arguments, **env)

    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert done.stderr.count("\n") == 1
    assert valkey.keys() == []
