"""`trunkline dev` while its dialplan changes, and `trunkline trigger` beside it."""

import base64
import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import redis

from console import samples
from tests.command import trunkline
from tests.processes import PATIENCE_S, Web, wait_until
from tests.signing import KEY

PLAN = """version = 1
timezone = "UTC"
[[rules]]
name = "the desk"
when = {{ to = "+13125550100" }}
then = {{ do = "hook", call = "mine:{function}" }}
[default]
then = {{ do = "reject" }}
"""
HOOK = "from shared.dialplan import {0}\n\n\ndef where(call, now):\n    return {0}()\n"
SEED = base64.b64encode(bytes(KEY)).decode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where dev leaves word of itself
    (tmp_path / "dialplan.toml").write_text(PLAN.format(function="where"))
    (tmp_path / "mine.py").write_text(HOOK.format("Hangup"))
    return tmp_path


class Dev:
    def __init__(self, folder: Path) -> None:
        self.log = folder / "dev.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "console", "dev"],
                cwd=folder,
                env={"PATH": os.environ["PATH"]},
                stdout=log,
                stderr=log,
            )

    def told(self, what: str, times: int = 1) -> None:
        wait_until(lambda: len(re.findall(what, self.log.read_text())) >= times, what, PATIENCE_S * 3)

    def named(self, what: str) -> str:
        """An address, or a folder, as it is printed."""
        return re.search(rf"^  {what} +(\S+)", self.log.read_text(), re.MULTILINE)[1]

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE_S * 3)


def test_dev_takes_what_is_triggered_follows_dialplan_and_hook_and_leaves_nothing_behind(folder):
    dev = Dev(folder)
    try:
        dev.told("Trunkline is up")
        notes = folder / ".trunkline" / "dev.json"
        assert stat.S_IMODE(notes.stat().st_mode) == 0o600
        first = trunkline("trigger", "call.initiated", "--set", "to=+13125550100", "--call", "a", "--json")
        assert (first.returncode, json.loads(first.stdout)["status"]) == (0, 200), first
        rung = trunkline("ring", "+13125550100")
        assert (rung.returncode, "rule       the desk" in rung.stdout) == (0, True), rung
        assert trunkline("calls", "show").stdout == rung.stdout
        web, telnyx, valkey, logs = map(dev.named, ("web", "Telnyx", "Valkey", "logs"))
        assert httpx.get(f"{web}/ready").status_code == 200
        with redis.Redis.from_url(valkey) as server:
            wait_until(lambda: server.hget("trunkline:stats", "applied"), "it was applied")
            assert not server.llen("trunkline:quarantine")

        (folder / "dialplan.toml").write_text(PLAN.format(function="nowhere"))
        dev.told("goes on with the old dialplan")
        assert trunkline("trigger", "call.hangup", "--call", "a").returncode == 0
        (folder / "mine.py").write_text(HOOK.format("Reject").replace("where", "nowhere"))
        dev.told("mine.py changed: .*recording, routing, web began anew")
        dev.told(r"routing +\| .*worker_started")
        assert trunkline("trigger", "call.initiated").returncode == 0
        assert trunkline("queues", "drain", "recording").returncode == 0
        dev.told("recording has ended")
    finally:
        code = dev.end()

    assert code == 128 + signal.SIGTERM
    for url in (web, telnyx):
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(valkey, retry=None).ping()
    assert not Path(logs).exists()
    assert not notes.exists()
    assert trunkline("trigger", "call.initiated").returncode == 2
    assert trunkline("ring", "+13125550100").returncode == 2
    assert "REDIS_URL is missing" in trunkline("calls", "list").stderr


def test_every_sample_signed_with_a_key_of_ones_own_is_accepted(folder, redis_url, valkey, web: Web):
    (folder / "key").write_text(SEED + "\n")

    for name in samples.names():
        done = trunkline("trigger", name, "--to", str(web.http.base_url), "--key", "key")
        assert done.returncode == 0, done.stdout + done.stderr

    assert int(valkey.hget("trunkline:stats", "accepted")) == len(samples.names()) == 20
    assert not valkey.llen("trunkline:quarantine")


def test_a_refusal_is_shown_and_exits_1(folder, web: Web):
    (folder / "key").write_text(base64.b64encode(bytes(32)).decode())

    done = trunkline("trigger", "call.answered", "--to", str(web.http.base_url), "--key", "key", "--json")

    assert (done.returncode, json.loads(done.stdout)["status"]) == (1, 401)


@pytest.mark.parametrize("words", [("abc",), ("3125550100",), ("+13125550100", "--from", "12x")])
def test_nobody_rings_what_is_no_number(folder, words):
    done = trunkline("ring", *words)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"'{words[-1]}' is no E.164 number" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("call.nonsense",), "call.nonsense"),
        (("call.hangup", "--to", "https://voice.example.com", "--key", "key"), "this machine"),
        (("call.hangup", "--to", "http://10.0.0.1:8000", "--key", "key"), "this machine"),
        (("call.hangup", "--to", "http://localhost.example.com", "--key", "key"), "this machine"),
        (("call.hangup", "--to", "http://127.0.0.1@example.com/", "--key", "key"), "this machine"),
        (("call.hangup", "--to", "http://127.0.0.1:1", "--key", "none"), "none"),
        (("call.hangup", "--to", "http://127.0.0.1:1", "--key", "dialplan.toml"), "dialplan.toml"),
        (("call.hangup", "--to", "http://127.0.0.1:1"), "--key"),
        (("call.hangup", "--set", "to"), "KEY=VALUE"),
        (("call.hangup", "--to", "http://127.0.0.1:1", "--key", "key", "--set", "tags=x"), "tags"),
    ],
)
def test_bad_input_exits_2_and_sends_nothing(folder, arguments, named):
    (folder / "key").write_text(SEED)

    done = trunkline("trigger", *arguments)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert named in done.stderr


def test_where_nobody_listens_it_exits_1(folder):
    (folder / "key").write_text(SEED)

    done = trunkline("trigger", "call.hangup", "--to", "http://127.0.0.1:1", "--key", "key")

    assert done.returncode == 1
    assert "does not answer" in done.stderr
