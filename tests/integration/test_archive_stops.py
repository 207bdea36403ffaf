"""A recording whose download is interrupted, or whose folder takes nothing, leaves no half file behind."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared.telnyx import Telnyx
from tests.archiving import SOUND, WAV, in_a_process, verdict_of, wanted
from tests.storage_host import RECORDING_ID, Stall, StorageHost, answer, storage_host
from workers.archive import Archive
from workers.archive.folder import Folder
from workers.engine.job import Done, Retry

PATIENCE_S = 20.0
HALF = Stall(answer(200, SOUND[:600_000], length=len(SOUND)))


async def start_child(
    folder: Path, host: StorageHost, limit: str = "FSIZE 10000000"
) -> asyncio.subprocess.Process:
    return await in_a_process(f"file://{folder}", wanted(host, WAV), limit)


def parts(folder: Path, size: int) -> list[Path]:
    return [part for part in folder.glob("*.part") if part.stat().st_size >= size]


async def until_a_part_has(folder: Path, size: int) -> Path:
    """The part of the download that is under way, once it has at least `size` bytes."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := parts(folder, size)):
        assert time.monotonic() < deadline, "no download under way"
        await asyncio.sleep(0.01)
    return found[0]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


FINAL = [f"{RECORDING_ID}.json", f"{RECORDING_ID}.wav"]


@asynccontextmanager
async def an_archive(folder: Path) -> AsyncIterator[Archive]:
    telnyx = Telnyx("http://127.0.0.1:1/v2", "the-key")
    archive = Archive(Folder(folder), ("127.0.0.1",), telnyx)
    try:
        yield archive
    finally:
        await archive.aclose()
        await telnyx.aclose()


async def archived(folder: Path, host: StorageHost):
    async with an_archive(folder) as archive:
        return await asyncio.wait_for(archive.fetch(wanted(host, WAV), 0), PATIENCE_S)


SHORT_OF = {  # a limit on the size of a file stands in for the full disk: a write cut short, then an error
    "room": (SOUND, "FSIZE 300000", "the folder of recordings (RECORDINGS_URL): File too large"),
    "room for the metadata": (b"RIFF", "FSIZE 100", "the folder of recordings (RECORDINGS_URL): File too large"),
    "descriptors": (SOUND, "NOFILE 1", "the folder of recordings (RECORDINGS_URL): Too many open files"),
}


@pytest.mark.parametrize(("sound", "limit", "reason"), SHORT_OF.values(), ids=SHORT_OF.keys())
def test_a_worker_short_of_something_waits_for_it_and_leaves_nothing(tmp_path, sound, limit, reason):
    async def scenario():
        async with storage_host({"/a.wav": answer(200, sound)}) as host:
            return await verdict_of(await start_child(tmp_path, host, limit)), await archived(tmp_path / "x", host)

    verdict, with_all_it_needs = asyncio.run(scenario())

    assert verdict == ["Retry", 3.0, False, reason]
    assert names(tmp_path) == ["x"]
    assert with_all_it_needs == Done()


def test_a_folder_in_which_nothing_can_be_made_is_waited_for():
    async def scenario():
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host:
            return await archived(Path("/proc/self/task"), host)

    verdict = asyncio.run(scenario())

    assert isinstance(verdict, Retry)
    assert (verdict.delay_s, verdict.counts) == (3.0, False)
    assert verdict.reason.startswith("the folder of recordings (RECORDINGS_URL): ")


def test_a_folder_that_takes_nothing_is_looked_at_again_without_a_download_until_it_does(tmp_path):
    folder, good = tmp_path / "recordings", tmp_path / "good"
    good.mkdir()
    folder.symlink_to("/proc/self/task")

    async def scenario():
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host, an_archive(folder) as archive:
            verdicts = [await archive.fetch(wanted(host, WAV), 0) for _ in range(3)]
            asked = len(host.requests)
            folder.unlink()
            folder.symlink_to(good)
            return verdicts, asked, await archive.fetch(wanted(host, WAV), 0)

    verdicts, asked, at_last = asyncio.run(scenario())

    assert [type(verdict) for verdict in verdicts] == [Retry] * 3
    assert asked == 1
    assert at_last == Done()
    assert names(good) == FINAL


@pytest.mark.parametrize("place", ["a file", "below a file", "where no folder can be"])
def test_a_folder_that_cannot_be_is_waited_for_and_nobody_is_asked(tmp_path, place):
    (tmp_path / "file").write_bytes(b"")
    folder = {"a file": tmp_path / "file", "below a file": tmp_path / "file" / "x"}.get(place, Path("/proc/x"))

    async def scenario():
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host:
            return await archived(folder, host), host.paths

    verdict, asked = asyncio.run(scenario())

    assert isinstance(verdict, Retry)
    assert (verdict.delay_s, verdict.counts, asked) == (3.0, False, [])


def test_a_cancelled_download_removes_its_part(tmp_path):
    async def scenario():
        async with storage_host({"/a.wav": HALF}) as host:
            task = asyncio.create_task(archived(tmp_path, host))
            await until_a_part_has(tmp_path, 500_000)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(scenario())

    assert names(tmp_path) == []


def test_cancelled_at_any_moment_a_download_is_whole_or_nothing(tmp_path):
    async def cancelled_after(turns: int, archive: Archive, host: StorageHost) -> list[str]:
        task = asyncio.create_task(archive.fetch(wanted(host, WAV), 0))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        left = names(tmp_path)
        for name in left:
            (tmp_path / name).unlink()
        return left

    async def scenario() -> list[list[str]]:
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host, an_archive(tmp_path) as archive:
            return [await cancelled_after(turns, archive, host) for turns in range(1, 200, 3)]

    left = asyncio.run(scenario())

    assert not [files for files in left if files not in ([], FINAL)]
    assert [] in left


def test_the_part_of_a_killed_worker_harms_nobody_and_is_tidied_later(tmp_path):
    async def killed() -> Path:
        async with storage_host({"/a.wav": HALF}) as host:
            child = await start_child(tmp_path, host)
            part = await until_a_part_has(tmp_path, 500_000)
            child.send_signal(signal.SIGKILL)
            await child.wait()
            return part

    async def again():
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host:
            return await archived(tmp_path, host)

    part = asyncio.run(killed())
    assert names(tmp_path) == [part.name]

    assert asyncio.run(again()) == Done()
    assert names(tmp_path) == sorted([*FINAL, part.name])

    os.utime(part, (0, 0))
    assert asyncio.run(again()) == Done()
    assert names(tmp_path) == FINAL
    assert (tmp_path / FINAL[1]).read_bytes() == SOUND
