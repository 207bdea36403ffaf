"""What `trunkline dev` leaves for the other commands, and when it is not there."""

import os
import stat
import subprocess
import sys

import pytest
from msgspec import structs

from console import dev_notes
from console.dev_notes import DevNotes
from shared.errors import ConfigError

NOTES = DevNotes("http://127.0.0.1:1", "http://127.0.0.1:2/_sim", "c2VlZA==", {"REDIS_URL": "redis://x"}, pid=7)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_what_is_written_is_read_and_only_its_owner_may():
    dev_notes.write(NOTES)

    assert dev_notes.read() == NOTES
    assert stat.S_IMODE(dev_notes.FILE.stat().st_mode) == 0o600
    assert stat.S_IMODE(dev_notes.FILE.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_replaced():
    dev_notes.FILE.parent.mkdir()
    dev_notes.FILE.write_text("old")
    dev_notes.FILE.chmod(0o644)

    dev_notes.write(NOTES)

    assert stat.S_IMODE(dev_notes.FILE.stat().st_mode) == 0o600


def test_only_the_process_that_wrote_them_removes_them():
    dev_notes.write(NOTES)

    dev_notes.forget(8)
    assert dev_notes.read() == NOTES
    dev_notes.forget(7)
    assert dev_notes.read() is None


@pytest.mark.parametrize("text", ["", "{}", "half {"])
def test_notes_that_are_not_whole_count_as_none(text):
    dev_notes.FILE.parent.mkdir()
    dev_notes.FILE.write_text(text)

    assert dev_notes.read() is None


def test_where_they_cannot_be_written_one_line_says_so():
    dev_notes.FILE.parent.write_text("a file in the way")

    with pytest.raises(ConfigError, match="cannot be written"):
        dev_notes.write(NOTES)


@pytest.mark.parametrize(
    ("env", "added"),
    [
        ({"LOG_LEVEL": "DEBUG"}, {"REDIS_URL": "redis://x"}),
        ({"REDIS_URL": "redis://mine"}, {}),
        ({"TELNYX_API_KEY": "mine"}, {}),
    ],
)
def test_commands_are_about_the_dev_that_runs_unless_the_environment_names_something_else(env, added):
    dev_notes.write(structs.replace(NOTES, pid=os.getpid()))

    assert dev_notes.environment(env) == env | added


def test_a_dev_that_was_killed_lends_nothing():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dev_notes.write(structs.replace(NOTES, pid=ended.pid))

    assert dev_notes.environment({}) == {}
