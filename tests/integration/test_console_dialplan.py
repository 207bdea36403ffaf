"""`trunkline dialplan check` and the release line, what they say of a file, and their exit codes."""

import json

import pytest

from tests.command import trunkline, trunkline_process

HEAD = 'version = 1\ntimezone = "UTC"\n'
GOOD = HEAD + '[default]\nthen = { do = "reject" }\n'
DOUBTFUL = GOOD + '[schedules.day]\nopen = { mon = ["08:00-12:00"] }\n'
WRONG = GOOD + "[limits]\ndials_per_minute = 0\n"
HOOKED = GOOD + '[[rules]]\nname = "vip"\nwhen = {}\nthen = { do = "hook", call = "hooks:choose" }\n'
UNUSED = "[schedules.day]: nothing uses it"


@pytest.fixture
def plan(tmp_path):
    def write(text):
        path = tmp_path / "plan.toml"
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("text", "code", "warnings"), [(GOOD, 0, []), (DOUBTFUL, 1, [UNUSED])], ids=["good", "doubtful"]
)
def test_a_check_tells_what_was_read_and_what_is_doubtful(text, code, warnings, plan):
    path = plan(text)

    done, as_json = trunkline("dialplan", "check", path), trunkline("dialplan", "check", path, "--json")

    told = json.loads(as_json.stdout)
    assert (done.returncode, as_json.returncode) == (code, code)
    assert done.stdout == f"{path}: 0 rules, 0 outbound profiles, hash {told['hash']}\n"
    assert done.stderr == "".join(f"{path}: warning: {warning}\n" for warning in warnings)
    assert told == {"file": path, "hash": told["hash"], "rules": 0, "profiles": 0, "warnings": warnings}


def test_a_wrong_file_exits_2_with_one_line(plan):
    path = plan(WRONG)
    told = f"{path}:6: [limits] dials_per_minute: expected a whole number from 1, got 0"

    done, as_json = trunkline("dialplan", "check", path), trunkline("dialplan", "check", path, "--json")

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{told}\n")
    assert (as_json.returncode, json.loads(as_json.stdout)) == (2, {"error": told})


def test_a_hook_that_is_missing_is_an_error_at_the_check_and_at_the_release(plan, tmp_path):
    path = plan(HOOKED)
    told = f'{path}:8: [[rules]] "vip" then.call: "hooks:choose" cannot be used: ModuleNotFoundError: '

    done, release = trunkline_process("dialplan", "check", path), trunkline_process("release", DIALPLAN=path)

    assert (done.returncode, release.returncode) == (2, 2)
    assert done.stderr.startswith(told)
    assert release.stderr.startswith(told)


def test_a_hook_beside_the_dialplan_is_found(plan, tmp_path):
    (tmp_path / "hooks.py").write_text("def choose(call, now): ...\n")

    done = trunkline_process("dialplan", "check", plan(HOOKED))

    assert (done.returncode, done.stderr) == (0, "")


def test_a_release_lets_warnings_pass(plan):
    done = trunkline("release", DIALPLAN=plan(DOUBTFUL))

    assert done.returncode == 0
    assert UNUSED in done.stderr
