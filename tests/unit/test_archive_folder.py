"""The folder of recordings: a file is there whole, with its metadata beside it, or not at all."""

import asyncio
import os
import threading
import time
from hashlib import sha256

import msgspec
import pytest

from shared.errors import ConfigError
from workers.archive.folder import STALE_S, Folder, folder_at
from workers.archive.room import Room
from workers.archive.store import Recording

SOUND = b"RIFF sound"


def recording(body=SOUND, name="rec-1", kind="wav"):
    return Recording(
        recording_id=name,
        call="call-1",
        format=kind,
        channels="dual",
        started_at="2026-11-20T15:04:08Z",
        ended_at="2026-11-20T15:06:41Z",
        length=len(body),
        sha256=sha256(body).hexdigest(),
        source="s3.amazonaws.com",
        fetched_at="2026-11-20T15:06:45+00:00",
    )


def kept(path, body=SOUND):
    """A folder that holds one recording."""

    async def keep():
        folder = Folder(path)
        await folder.holds("rec-1")
        part = folder.part("rec-1")
        await part.write(body)
        await part.keep(recording(body))
        await part.discard()
        return folder

    return asyncio.run(keep())


def held(folder):
    return asyncio.run(folder.holds("rec-1"))


def names(path):
    return sorted(entry.name for entry in path.iterdir())


def test_a_kept_recording_is_two_private_files_and_nothing_else(tmp_path):
    folder = kept(tmp_path / "made" / "on the way")

    path = tmp_path / "made" / "on the way"
    assert names(path) == ["rec-1.json", "rec-1.wav"]
    assert (path / "rec-1.wav").read_bytes() == SOUND
    assert msgspec.json.decode((path / "rec-1.json").read_bytes(), type=Recording) == recording()
    assert {entry.stat().st_mode & 0o777 for entry in path.iterdir()} == {0o600}
    assert held(folder) == recording()


def test_bytes_are_on_disk_before_names_and_names_before_it_counts(tmp_path):
    """Seen by a profiler of its threads: nothing else tells, short of a power failure."""
    called = []

    def note(_frame, event, function):
        if event == "c_call" and function.__name__ in {"fsync", "replace"}:
            called.append(function.__name__)

    threading.setprofile(note)
    try:
        kept(tmp_path)
    finally:
        threading.setprofile(None)

    assert called == ["fsync", "fsync", "replace", "replace", "fsync"]


HARM = {
    "no file": lambda path: (path / "rec-1.wav").unlink(),
    "short": lambda path: (path / "rec-1.wav").write_bytes(SOUND[:-1]),
    "changed": lambda path: (path / "rec-1.wav").write_bytes(SOUND[:-1] + b"!"),
    "no metadata": lambda path: (path / "rec-1.json").unlink(),
    "empty": lambda path: (path / "rec-1.json").write_bytes(b""),
    "no fields": lambda path: (path / "rec-1.json").write_bytes(b"{}"),
    "no text": lambda path: (path / "rec-1.json").write_bytes(b"\xff"),
    "another's": lambda path: described(path, name="rec-2"),
    "a path": lambda path: described(path, kind="/../rec-1.wav"),
    "odd format": lambda path: described(path, kind="wav.old"),
}


def described(path, **fields):
    (path / "rec-1.json").write_bytes(msgspec.json.encode(recording(**fields)))


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM.keys())
def test_a_recording_that_does_not_match_its_metadata_is_not_held(tmp_path, harm):
    folder = kept(tmp_path)
    (tmp_path / "rec-1.wav.old").write_bytes(SOUND)

    harm(tmp_path)

    assert held(folder) is None


def test_a_discarded_part_leaves_nothing_and_takes_nothing_more(tmp_path):
    async def scenario():
        part = Folder(tmp_path).part("rec-1")
        await part.write(SOUND)
        await part.discard()
        await part.write(SOUND)
        await part.keep(recording())

    asyncio.run(scenario())

    assert names(tmp_path) == []


def test_two_parts_of_one_recording_do_not_meet(tmp_path):
    folder = Folder(tmp_path)

    async def scenario():
        first, second = folder.part("rec-1"), folder.part("rec-1")
        await first.write(b"first")
        await second.write(SOUND)
        await second.keep(recording())
        await first.discard()
        await second.discard()

    asyncio.run(scenario())

    assert held(folder) == recording()
    assert names(tmp_path) == ["rec-1.json", "rec-1.wav"]


def test_a_planted_link_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "victim").write_bytes(b"untouched")
    (tmp_path / "folder").mkdir()
    for name in ("rec-1.wav", "rec-1.json"):
        (tmp_path / "folder" / name).symlink_to(tmp_path / "victim")

    kept(tmp_path / "folder")

    assert (tmp_path / "victim").read_bytes() == b"untouched"
    assert not (tmp_path / "folder" / "rec-1.wav").is_symlink()


def test_only_old_parts_of_ours_are_tidied_away(tmp_path):
    old = ("rec-1.0123456789abcdef.part", "rec-1.0123456789abcdef.json.part")
    stays = ("rec-2.0123456789abcdef.part", "holiday.mp4.part", "rec-3.wav")
    for name in (*old, *stays):
        (tmp_path / name).write_bytes(b"x")
    long_ago = time.time() - STALE_S - 60
    for name in (*old, "holiday.mp4.part", "rec-3.wav"):
        os.utime(tmp_path / name, (long_ago, long_ago))

    assert held(Folder(tmp_path)) is None

    assert names(tmp_path) == sorted(stays)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///var/recordings", "/var/recordings"),
        ("file://localhost/var/recordings", "/var/recordings"),
        ("file:///my%20calls", "/my calls"),
        ("file://./recordings", "recordings"),
    ],
)
def test_recordings_url_names_a_folder(url, path):
    assert str(folder_at(url)._path) == path


@pytest.mark.parametrize(
    "url", ["file://server/share", "file:", "file:relative", "file:///a?b", "file:///a#b", "/a", "file:///a%00"]
)
def test_a_recordings_url_that_is_no_folder_stops_the_start(url):
    with pytest.raises(ConfigError, match=r"RECORDINGS_URL.*use .*file:///var/recordings"):
        folder_at(url)


def test_a_folder_without_room_for_a_recording_may_have_it_for_another(tmp_path):
    room = Room(tmp_path)
    room.was_short_of("rec-1", 1 << 62)
    room.was_short_of("rec-2", 1000)

    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the file system
        room.check("rec-1")
    room.check("rec-2")

    assert names(tmp_path) == []
