"""The Procfile under a process manager, as a platform runs it: scaled, drained, and replaced by its next version.

honcho starts each line by /bin/sh. Where that is dash it stays, unlike the bash of platforms, and its exit code
would hide the process's own: hence `exec` before each command.
"""

import os
import re
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from shared import queues
from tests.e2e.busy import CALLED_BACK, DONE, busy
from tests.e2e.process import ROOT, Process
from tests.e2e.stack import WEBHOOKS, Stack
from tests.ports import free_port
from tests.waiting import wait_until

CALLS = 8
STOPPED = re.compile(r"(\w+\.\d+) stopped \(rc=(-?\d+)\)")
STARTED = re.compile(r"\w+\.\d+ started \(pid=(\d+)\)")


class Release:
    """One version of the app: `honcho start`, which keeps some processes of each line running."""

    def __init__(self, stack: Stack, folder: Path, name: str, **lines: int) -> None:
        self.lines = lines
        self.port = free_port()
        self._stack = stack
        self._beating = {kind: stack.books.beats(kind) + lines[kind] for kind in queues.KINDS}
        scale = ",".join(f"{line}={count}" for line, count in lines.items())
        options = ["--no-colour", "-e", os.devnull, "-p", str(self.port), "-c", scale]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        env = {**stack.env(PATH=path, PYTHONUNBUFFERED="1"), "PORT": ""}  # honcho gives each process its port
        procfile = folder / "Procfile"
        procfile.write_text((ROOT / "Procfile").read_text().replace(": ", ": exec "))
        argv = [sys.executable, "-m", "honcho", "start", "-f", str(procfile), *options, *lines]
        self.process = Process(argv, env, folder / f"{name}.log")

    def until_up(self) -> "Release":
        wait_until(self._is_up, f"all of {self.lines} are up")
        return self

    def _is_up(self) -> bool:
        assert self.process.is_alive, self.process.output
        beating = all(self._stack.books.beats(kind) >= count for kind, count in self._beating.items())
        with suppress(httpx.TransportError):
            return beating and httpx.get(f"http://127.0.0.1:{self.port}/ready", trust_env=False).status_code == 200
        return False

    def takes_the_calls(self) -> None:
        """What a platform's router does when a new version is up."""
        self._stack.sim.config(webhook_url=f"http://127.0.0.1:{self.port}{WEBHOOKS}")

    def end(self) -> dict[str, int]:
        """SIGTERM to each process; their exit codes. The promise is 20 s."""
        self.process.terminate(within_s=40)
        return {name: int(code) for name, code in STOPPED.findall(self.process.log.read_text())}

    def kill(self) -> None:
        pids = map(int, STARTED.findall(self.process.log.read_text()))
        self.process.kill()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # each is the leader of a group of its own

    @property
    def all_well(self) -> dict[str, int]:
        return {f"{line}.{number + 1}": 0 for line, count in self.lines.items() for number in range(count)}


@pytest.fixture
def release(tmp_path, own_stack) -> Callable[..., Release]:
    running = []

    def start(stack: Stack, name: str, **lines: int) -> Release:
        running.append(Release(stack, tmp_path, name, **lines))
        return running[-1]

    yield start
    for one in running:
        if one.process.is_alive:
            one.kill()


def test_a_scaled_procfile_is_replaced_by_its_next_version_in_the_middle_of_calls(own_stack, release):
    stack = own_stack("--speed", "5")
    old = release(stack, "old", web=1, routing=3, machine_detection=1, recording=1).until_up()
    old.takes_the_calls()
    sessions = busy(stack, CALLS)

    new = release(stack, "new", web=1, routing=1, machine_detection=1, recording=1).until_up()
    new.takes_the_calls()
    sessions += [stack.sim.ring_in(CALLED_BACK) for _ in range(CALLS)]
    exit_codes = old.end()
    stack.until_quiet()

    assert exit_codes == old.all_well
    assert [stack.sim.commands(session) for session in sessions] == [DONE] * len(sessions)
    assert {call.step.at for call in stack.books.calls()} == {"over"}
    assert [event for event in stack.sim.webhooks() if not event.delivered] == []
    audit = stack.books.audit()
    assert (audit.accepted, audit.pending, audit.parked) == (audit.applied, 0, 0)
    assert audit.accepted >= len(stack.sim.webhooks())
    assert new.end() == new.all_well
    assert stack.books.held() == []


def test_the_release_line_lets_the_example_pass(own_stack, tmp_path):
    stack = own_stack()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    argv = [sys.executable, "-m", "honcho", "start", "--no-colour", "-e", os.devnull, "release"]

    process = Process(argv, stack.env(PATH=path), tmp_path / "release.log")

    try:
        assert process.ended() == 0, process.output
    finally:
        process.kill()
    assert f"{ROOT / 'dialplan.toml'}: " in process.output
