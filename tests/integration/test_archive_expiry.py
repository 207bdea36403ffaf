"""keep_days: what was kept for long enough is deleted from a folder, and nothing else is touched."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from shared.telnyx import Telnyx
from tests.archiving import SOUND, fetch
from tests.storage_host import answer
from workers.archive import Archive
from workers.archive.expiry import AT_ONCE
from workers.archive.folder import Folder
from workers.archive.store import Recording, write_about

NOW = datetime(2021, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def about(name, due, kind="wav"):
    known = {"call": "call-1", "channels": "dual", "started_at": "", "ended_at": "", "source": "s3.amazonaws.com"}
    return Recording(recording_id=name, format=kind, length=4, sha256="", fetched_at="", delete_after=due, **known)


def put(folder: Path, name: str, due: datetime | None, kind: str = "wav", age: timedelta = 10 * DAY) -> None:
    """A recording that was kept `age` ago."""
    (folder / f"{name}.{kind}").write_bytes(b"RIFF")
    path = folder / f"{name}.json"
    path.write_bytes(write_about(about(name, due, kind)))
    touch(path, age)


def touch(path: Path, age: timedelta) -> None:
    os.utime(path, times=((NOW - age).timestamp(),) * 2)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def deleted(folder: Path, now: datetime = NOW) -> int:
    return asyncio.run(Folder(folder).delete_due(now))


def test_only_what_is_due_is_deleted(tmp_path):
    put(tmp_path, "due", NOW - DAY)
    put(tmp_path, "due-this-moment", NOW, "mp3")
    put(tmp_path, "not-yet", NOW + timedelta(seconds=1))
    put(tmp_path, "for-ever", None)

    assert deleted(tmp_path) == 2
    assert names(tmp_path) == {"not-yet.wav", "not-yet.json", "for-ever.wav", "for-ever.json"}


def test_what_this_program_has_not_written_stays(tmp_path):
    put(tmp_path, "due", NOW - DAY)
    (tmp_path / "renamed.json").write_bytes((tmp_path / "due.json").read_bytes())
    (tmp_path / "odd.json").write_bytes(write_about(about("odd", NOW - DAY, "../victim")))
    (tmp_path / "holiday.json").write_text('{"delete_after": "2020-01-01T00:00:00Z"}')
    (tmp_path / "broken.json").write_bytes(b"\xff")
    (tmp_path / "local-time.json").write_bytes(
        write_about(about("local-time", NOW - DAY)).replace(b'"2021-05-31T12:00:00Z"', b'"2021-05-31T12:00:00"')
    )
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "holiday.wav").write_bytes(b"RIFF")
    stays = {"renamed.json", "odd.json", "holiday.json", "broken.json", "local-time.json", "folder.json"}
    for name in stays:
        touch(tmp_path / name, 10 * DAY)

    assert deleted(tmp_path) == 1
    assert names(tmp_path) == {*stays, "holiday.wav"}


def test_what_is_younger_than_a_day_is_not_even_opened(tmp_path):
    put(tmp_path, "young", NOW - DAY, age=DAY - timedelta(seconds=1))

    assert deleted(tmp_path) == 0
    assert names(tmp_path) == {"young.wav", "young.json"}


def test_a_deletion_that_was_cut_off_is_completed(tmp_path):
    put(tmp_path, "due", NOW - DAY)
    (tmp_path / "due.wav").unlink()

    assert deleted(tmp_path) == 1
    assert names(tmp_path) == set()


def test_one_that_cannot_be_deleted_hinders_no_other(tmp_path):
    """More than are judged at once, the first of them stuck."""
    for n in range(AT_ONCE + 5):
        put(tmp_path, f"due-{n}", NOW - DAY)
    for n in (0, 1):
        (tmp_path / f"due-{n}.wav").unlink()
        (tmp_path / f"due-{n}.wav").mkdir()

    with structlog.testing.capture_logs() as logs:
        count = deleted(tmp_path)

    assert count == AT_ONCE + 3
    assert names(tmp_path) == {"due-0.wav", "due-0.json", "due-1.wav", "due-1.json"}
    assert [(line["event"], line["count"], line["reason"]) for line in logs] == [
        ("recordings_not_deleted", 2, "Is a directory")
    ]


def test_two_workers_at_once_delete_each_recording_once(tmp_path):
    for n in range(AT_ONCE):
        put(tmp_path, f"due-{n}", NOW - DAY)

    async def both():
        return await asyncio.gather(*(Folder(tmp_path).delete_due(NOW) for _ in range(2)))

    with structlog.testing.capture_logs() as logs:
        counts = asyncio.run(both())

    assert (sum(counts), logs) == (AT_ONCE, [])
    assert names(tmp_path) == set()


def test_what_was_archived_with_keep_days_is_deleted_when_its_time_has_come(tmp_path):
    fetch(tmp_path, {"/a.wav": answer(200, SOUND)}, fields={"ended_at": "2020-01-01T00:00:00Z", "keep_days": 30})

    assert deleted(tmp_path, datetime.now(UTC) + 2 * DAY) == 1
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    ("place", "events"), [("nowhere", []), ("file", ["recordings_not_deleted"]), ("due", ["recordings_deleted"])]
)
def test_the_archive_tells_what_it_has_deleted_and_what_hindered_it(tmp_path, place, events):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "due").mkdir()
    put(tmp_path / "due", "due", NOW - DAY, age=timedelta(days=4000))

    async def scenario():
        telnyx = Telnyx("http://127.0.0.1:1/v2", "the-key")
        archive = Archive(Folder(tmp_path / place), (), telnyx)
        await archive.delete_due()
        await archive.aclose()
        await telnyx.aclose()

    with structlog.testing.capture_logs() as logs:
        asyncio.run(scenario())

    assert [line["event"] for line in logs] == events
