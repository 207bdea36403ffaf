"""A recording whose download is interrupted, or whose folder takes nothing, leaves no half file behind."""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import msgspec
import pytest

from shared.telnyx import Telnyx
from tests.storage_host import RECORDING_ID, Stall, StorageHost, answer, storage_host
from workers.archive import Archive
from workers.engine.job import Done, Retry
from workers.logic.decision import Download

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20.0
SOUND = b"RIFF" + bytes(range(256)) * 4096
HALF = Stall(answer(200, SOUND[:600_000], length=len(SOUND)))

CHILD = """
import asyncio, json, resource, sys
from pathlib import Path
import msgspec
from shared.telnyx import Telnyx
from workers.archive import Archive
from workers.logic.decision import Download

async def main(folder, download, limit):
    archive = Archive(Path(folder), ("127.0.0.1",), Telnyx("http://127.0.0.1:1/v2", "the-key"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    verdict = await archive.fetch(msgspec.json.decode(download, type=Download), 0)
    print(json.dumps([type(verdict).__name__, *verdict]))

asyncio.run(main(*sys.argv[1:]))
"""


def download(host: StorageHost) -> Download:
    times = {"started_at": "2026-11-20T15:04:08Z", "ended_at": "2026-11-20T15:06:41Z"}
    return Download(RECORDING_ID, "call-1", {"wav": host.link("/a.wav")}, "wav", "dual", **times)


async def start_child(folder: Path, host: StorageHost, limit: int) -> asyncio.subprocess.Process:
    """An archive in a process of its own that writes no file over `limit` bytes."""
    wanted = msgspec.json.encode(download(host)).decode()
    command = [sys.executable, "-c", CHILD, str(folder), wanted, str(limit)]
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)


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


async def archived(folder: Path, host: StorageHost):
    telnyx = Telnyx("http://127.0.0.1:1/v2", "the-key")
    archive = Archive(folder, ("127.0.0.1",), telnyx)
    try:
        return await asyncio.wait_for(archive.fetch(download(host), 0), PATIENCE_S)
    finally:
        await archive.aclose()
        await telnyx.aclose()


def test_a_full_disk_is_waited_for_and_leaves_nothing(tmp_path):
    """A limit on the size of a file stands in for the full disk: a write that is cut short, then an error."""

    async def scenario():
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host:
            child = await start_child(tmp_path, host, limit=300_000)
            output, _ = await asyncio.wait_for(child.communicate(), PATIENCE_S)
            return child.returncode, json.loads(output.splitlines()[-1])

    code, verdict = asyncio.run(scenario())

    assert code == 0
    assert verdict == ["Retry", 60.0, False, "the folder of recordings (RECORDINGS_URL): File too large"]
    assert names(tmp_path) == []


def test_a_disk_that_fills_up_with_the_metadata_leaves_nothing(tmp_path):
    async def scenario():
        async with storage_host({"/a.wav": answer(200, b"RIFF")}) as host:
            child = await start_child(tmp_path, host, limit=100)
            output, _ = await asyncio.wait_for(child.communicate(), PATIENCE_S)
            return json.loads(output.splitlines()[-1])

    assert asyncio.run(scenario())[:3] == ["Retry", 60.0, False]
    assert names(tmp_path) == []


@pytest.mark.parametrize("place", ["a file", "below a file", "where no folder can be"])
def test_a_folder_that_cannot_be_is_waited_for_and_nobody_is_asked(tmp_path, place):
    (tmp_path / "file").write_bytes(b"")
    folder = {"a file": tmp_path / "file", "below a file": tmp_path / "file" / "x"}.get(place, Path("/proc/x"))

    async def scenario():
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host:
            return await archived(folder, host), host.paths

    verdict, asked = asyncio.run(scenario())

    assert isinstance(verdict, Retry)
    assert (verdict.delay_s, verdict.counts, asked) == (60.0, False, [])


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
    async def cancelled_after(turns: int, folder: Path) -> list[str]:
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host:
            task = asyncio.create_task(archived(folder, host))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return names(folder)

    left = [asyncio.run(cancelled_after(turns, tmp_path / str(turns))) for turns in range(1, 200, 3)]

    assert not [files for files in left if files not in ([], FINAL)]
    assert [] in left


def test_the_part_of_a_killed_worker_harms_nobody_and_is_tidied_later(tmp_path):
    async def killed() -> Path:
        async with storage_host({"/a.wav": HALF}) as host:
            child = await start_child(tmp_path, host, limit=10_000_000)
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
