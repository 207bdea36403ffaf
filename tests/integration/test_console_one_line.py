"""Whatever is wrong around a command, it ends with one line that says so, and never with a traceback."""

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version

import pytest

from console.asking import ask
from shared import queues
from shared.settings import Settings
from tests.command import trunkline
from tests.waiting import PATIENCE_S

NOT_UTF8 = os.fsdecode(b"\xff")
AWAY = ("redis://127.0.0.1:1/0", "redis+sentinel://127.0.0.1:1/main/0")


@pytest.mark.parametrize(
    "words",
    [
        ("telnyx", "hangup", "v3:a", "--command-id", NOT_UTF8),
        ("trigger", "call.answered", "--set", f"to={NOT_UTF8}"),
        ("dead", "show", NOT_UTF8),
    ],
)
def test_a_word_that_is_not_utf8_is_bad_input(words):
    done = trunkline(*words, TELNYX_API_KEY="KEY", REDIS_URL="redis://127.0.0.1:1")

    assert done == (2, "", f"trunkline: {words[-1]!r} is not UTF-8\n")


def test_the_version_is_that_of_the_package():
    assert trunkline("--version") == (0, f"trunkline {version('trunkline')}\n", "")


@pytest.mark.parametrize("url", AWAY)
def test_dev_on_a_server_that_is_away_starts_nothing(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    done = trunkline("dev", REDIS_URL=url)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("REDIS_URL does not answer: ")


def test_dev_takes_no_calls_from_the_workers_of_a_server(redis_url, valkey, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    valkey.zadd(queues.beat_key("recording"), {"at work": time.time()})

    done = trunkline("dev", REDIS_URL=redis_url)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("REDIS_URL has live workers")


def test_doctor_tells_of_a_folder_that_cannot_even_be_looked_at():
    done = trunkline("doctor", RECORDINGS_URL=f"file:///{'a' * 300}")

    assert (done.returncode, done.stderr) == (1, "")
    assert "cannot be written: File name too long" in done.stdout


def test_a_command_whose_reader_has_gone_ends_without_a_word():
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-m", "console", "dialplan", "check"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=PATIENCE_S,
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


def test_a_reader_that_goes_while_valkey_is_asked_is_not_taken_for_valkey(redis_url):
    async def told_to_nobody(_client):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        ask(Settings(redis_url=redis_url), told_to_nobody)
