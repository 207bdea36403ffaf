"""The folder of recordings: a file is there whole, with its metadata beside it, or not at all."""

import os
import time
from hashlib import sha256

import msgspec
import pytest

from workers.archive.folder import STALE_S, Folder, Recording

FORMATS = ("mp3", "wav")
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
    folder = Folder(path)
    folder.prepare()
    part = folder.part("rec-1")
    part.write(body)
    part.keep(recording(body))
    part.discard()
    return folder


def names(path):
    return sorted(entry.name for entry in path.iterdir())


def test_a_kept_recording_is_two_private_files_and_nothing_else(tmp_path):
    folder = kept(tmp_path / "made" / "on the way")

    path = tmp_path / "made" / "on the way"
    assert names(path) == ["rec-1.json", "rec-1.wav"]
    assert (path / "rec-1.wav").read_bytes() == SOUND
    assert msgspec.json.decode((path / "rec-1.json").read_bytes(), type=Recording) == recording()
    assert {entry.stat().st_mode & 0o777 for entry in path.iterdir()} == {0o600}
    assert folder.holds("rec-1", FORMATS) == recording()


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: (path / "rec-1.wav").unlink(),
        lambda path: (path / "rec-1.wav").write_bytes(SOUND[:-1]),
        lambda path: (path / "rec-1.wav").write_bytes(SOUND[:-1] + b"!"),
        lambda path: (path / "rec-1.json").unlink(),
        lambda path: (path / "rec-1.json").write_bytes(b""),
        lambda path: (path / "rec-1.json").write_bytes(b"{}"),
        lambda path: (path / "rec-1.json").write_bytes(b"\xff"),
        lambda path: (path / "rec-1.json").write_bytes(msgspec.json.encode(recording(name="rec-2"))),
        lambda path: (path / "rec-1.json").write_bytes(msgspec.json.encode(recording(kind="/../rec-1.wav"))),
        lambda path: (path / "rec-1.json").write_bytes(msgspec.json.encode(recording(kind="wav.old"))),
    ],
    ids=[
        "no file",
        "short",
        "changed",
        "no metadata",
        "empty",
        "no fields",
        "no text",
        "another's",
        "a path",
        "odd format",
    ],
)
def test_a_recording_that_does_not_match_its_metadata_is_not_held(tmp_path, harm):
    folder = kept(tmp_path)
    (tmp_path / "rec-1.wav.old").write_bytes(SOUND)

    harm(tmp_path)

    assert folder.holds("rec-1", FORMATS) is None


def test_a_discarded_part_leaves_nothing_and_takes_nothing_more(tmp_path):
    part = Folder(tmp_path).part("rec-1")
    part.write(SOUND)

    part.discard()
    part.write(SOUND)
    part.keep(recording())

    assert names(tmp_path) == []


def test_two_parts_of_one_recording_do_not_meet(tmp_path):
    folder = Folder(tmp_path)
    first, second = folder.part("rec-1"), folder.part("rec-1")

    first.write(b"first")
    second.write(SOUND)
    second.keep(recording())
    first.discard()
    second.discard()

    assert folder.holds("rec-1", FORMATS) == recording()
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

    Folder(tmp_path).prepare()

    assert names(tmp_path) == sorted(stays)
