"""The commands of docs/tutorial.md, as they stand there, against a `trunkline dev` that the test has started."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from tests.e2e.books import Books
from tests.e2e.process import ROOT, Process
from tests.waiting import wait_until

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = [text for kind, text in re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE) if not kind]
SET_UP, DEV, *COMMANDS, DEMO = BLOCKS  # the demo has its own tests


@pytest.fixture
def dev(tmp_path):
    """The address of its Valkey."""
    there = ["sh", "-c", f'cd "$0" && exec {DEV}', str(tmp_path)]  # where it may leave word of itself
    process = Process(there, environment(tmp_path), tmp_path / "dev.log")
    try:
        wait_until(lambda: "trunkline ring" in process.output or not process.is_alive, "trunkline dev is up")
        assert process.is_alive, process.output
        [server] = re.findall(r"redis://\S+", process.output)
        yield server
        assert process.terminate() == 128 + 15
    finally:
        process.kill()


def environment(folder):
    """With a `trunkline` on its path, as `make setup` has one."""
    command = folder / "bin" / "trunkline"
    if not command.exists():
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m console "$@"\n')
        command.chmod(0o755)
        (folder / "dialplan.toml").write_bytes((ROOT / "dialplan.toml").read_bytes())
    return {"PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(folder)}


def run(script, folder):
    done = subprocess.run(
        ["bash", "-euc", f"set -o pipefail\n{script}"],
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def until_over(server, calls):
    with redis.Redis.from_url(server) as client:
        books = Books(client)
        wait_until(lambda: [call.over for call in books.calls()] == [True] * calls, f"{calls} calls are over")


def test_the_commands_of_the_tutorial_do_what_it_says(dev, tmp_path):
    ring, calls_list, audit, dial, show, change, diff = COMMANDS

    rung = run(ring, tmp_path)
    dialled = run(dial, tmp_path)
    until_over(dev, 2)
    # What only reads goes beside each other: each command takes half a second to start.
    with ThreadPoolExecutor(2) as two:
        answers = two.map(lambda script: run(script, tmp_path), (show, calls_list, audit, change, diff))
        shown, listed, account, changed, compared = answers

    assert [code for code, _ in (rung, shown, dialled, listed, account, changed)] == [0] * 6
    assert re.search(r"> 3 hangup.* over: normal_clearing", rung[1], re.DOTALL)
    assert "reminders: called back" in listed[1]
    assert " human " in listed[1]
    assert "> 1 dial" in shown[1]  # the newest call
    assert re.search(r"balanced +True", account[1])
    assert "reminders: called back" in changed[1]
    assert compared[0] in {0, 1}, compared[1]


def test_the_tutorial_sets_up_as_the_makefile_does():
    assert SET_UP.splitlines()[0] == "make setup"
    assert DEV.strip() == "trunkline dev"
    assert DEMO.startswith("make demo")
    assert Path(ROOT / "Makefile").read_text().count("\nsetup:") == 1
