"""The operator's commands: the audit, the check before a release, the demo, and bad usage of any."""

import json
from pathlib import Path

import pytest
import redis

from tests.command import trunkline, trunkline_process
from tests.processes import ROOT

DEMO_WITHIN_S = 90


def audited(done):
    return done.returncode, json.loads(done.stdout)


def test_an_empty_account_is_balanced(redis_url: str, valkey: redis.Redis):
    code, account = audited(trunkline_process("audit", "--json", REDIS_URL=redis_url))

    assert code == 0
    assert account["balanced"] is True
    assert {account[name] for name in ("accepted", "applied", "parked", "pending")} == {0}


def test_an_account_that_does_not_add_up_exits_1(redis_url: str, valkey: redis.Redis):
    valkey.hset("trunkline:stats", mapping={"accepted": 5, "applied": 2, "parked": 1})
    valkey.zadd("trunkline:pending:routing", {"one": 1})

    code, account = audited(trunkline("audit", "--json", REDIS_URL=redis_url))

    assert code == 1
    assert account["balanced"] is False
    assert account["pending"] == 1


def test_an_audit_of_a_server_that_is_away_says_so():
    done = trunkline("audit", REDIS_URL="redis://127.0.0.1:1/0")

    assert done.returncode == 1
    assert "REDIS_URL does not answer" in done.stderr


def test_the_example_dialplan_is_right():
    done = trunkline_process("dialplan", "check")

    assert (done.returncode, done.stderr) == (0, "")
    assert "dialplan.toml: " in done.stdout


def test_a_dialplan_with_an_unreachable_rule_exits_1(tmp_path: Path):
    rule = '[[rules]]\nname = "{}"\nwhen = {{ to = "+13125550100" }}\nthen = {{ do = "reject" }}\n'
    file = tmp_path / "plan.toml"
    file.write_text(
        f'version = 1\ntimezone = "UTC"\n{rule.format("a")}{rule.format("b")}[default]\nthen = {{ do = "reject" }}'
    )

    done = trunkline("dialplan", "check", str(file))

    assert done.returncode == 1
    assert "warning" in done.stderr


@pytest.mark.parametrize("command", [("dialplan", "check"), ("release",)])
def test_a_wrong_dialplan_blocks_the_release_with_one_line(tmp_path: Path, command):
    file = tmp_path / "plan.toml"
    file.write_text('version = 1\ntimezone = "UTC"\n[default]\nthen = { do = "rejct" }')

    done = trunkline(*command, DIALPLAN=str(file))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"{file}:4" in done.stderr


BAD_USAGE = [
    (("audit",), {}, "REDIS_URL"),
    (("audit",), {"REDIS_URL": "localhost"}, "REDIS_URL"),
    (("demo", "--calls", "none"), {}, "--calls"),
    (("demo", "--chaos", "earthquake"), {}, "earthquake"),
    (("demo", "--scenario", "hospital"), {}, "hospital"),
    (("nonsense",), {}, "nonsense"),
    ((), {}, "COMMAND"),
]


@pytest.mark.parametrize(("arguments", "env", "names"), BAD_USAGE)
def test_bad_usage_is_one_line_and_exits_2(arguments, env, names):
    done = trunkline(*arguments, **env)

    assert done.returncode == 2
    assert names in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_the_demo_plays_calls_and_its_promises_hold():
    scenarios = ("--scenario", "announcement", "--scenario", "unwanted")

    done = trunkline_process("demo", *scenarios, "--calls", "20", "--seed", "7", timeout_s=DEMO_WITHIN_S)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "BROKEN" not in done.stdout
    assert "every call did what its dialplan says (20/20)" in done.stdout


def test_a_demo_of_another_dialplan_says_which_promise_it_breaks(tmp_path: Path):
    plan = tmp_path / "plan.toml"
    text = (ROOT / "dialplan.toml").read_text()
    refusal = 'then = { do = "reject", cause = "USER_BUSY" }'
    assert text.count(refusal) == 1
    plan.write_text(text.replace(refusal, 'then = { do = "hangup" }'))

    done = trunkline_process(
        "demo", "--scenario", "unwanted", "--calls", "2", DIALPLAN=str(plan), timeout_s=DEMO_WITHIN_S
    )

    assert done.returncode == 1
    assert "BROKEN  every call did what its dialplan says (0/2)" in done.stdout
    assert "commands 1 hangup instead of 1 reject" in done.stdout


def test_a_demo_of_a_dialplan_with_no_rule_for_its_calls_says_so(tmp_path: Path):
    plan = tmp_path / "plan.toml"
    plan.write_text('version = 1\ntimezone = "UTC"\n[default]\nthen = { do = "reject" }')

    done = trunkline_process("demo", "--scenario", "announcement", DIALPLAN=str(plan))

    assert done.returncode == 2
    assert "none of these calls can be played" in done.stderr
