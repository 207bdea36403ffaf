"""One archive on one storage host: what became of the job, what was asked, what is kept, what was logged."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog

from shared.telnyx import Telnyx
from tests.processes import ROOT
from tests.storage_host import RECORDING_ID, SECRET, Asked, StorageHost, storage_host
from workers.archive import Archive
from workers.archive.folder import Folder
from workers.archive.store import Store
from workers.engine.job import Done, Verdict
from workers.logic.decision import Download

SOUND = b"RIFF" + bytes(range(256)) * 4096  # about 1 MB
TOLD = {
    "recording_id": RECORDING_ID,
    "call": "call-1",
    "format": "wav",
    "channels": "dual",
    "started_at": "2026-11-20T15:04:08Z",
    "ended_at": "2026-11-20T15:06:41Z",
}
# Of SOUND, but for when it was fetched and when it is to be deleted.
METADATA = TOLD | {"length": len(SOUND), "sha256": sha256(SOUND).hexdigest(), "source": "127.0.0.1"}
PATIENCE_S = 10.0
ON_THE_HOST = "http://127.0.0.1:{port}"
WAV = {"wav": f"{ON_THE_HOST}/a.wav?{SECRET}"}


class Outcome(NamedTuple):
    verdict: Verdict
    requests: list[Asked]
    files: dict[str, bytes]
    logs: str

    @property
    def paths(self) -> list[str]:
        return [asked.path.partition("?")[0] for asked in self.requests]


def wanted(host: StorageHost, links: Mapping[str, str], **fields: str | int) -> Download:
    urls = {kind: link.replace("{port}", str(host.port)) for kind, link in links.items()}
    return Download(**{**TOLD, **fields}, urls=urls)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


async def fetched(
    host: StorageHost,
    to: Path | Store,
    links: Mapping[str, str] = WAV,
    *,
    hosts=("127.0.0.1",),
    attempt=0,
    fields=None,
    **options,
) -> Outcome:
    """`files` are those of a folder; what is in a bucket, the test asks the bucket."""
    telnyx = Telnyx(f"http://127.0.0.1:{host.port}/v2", "the-key")
    archive = Archive(Folder(to) if isinstance(to, Path) else to, hosts, telnyx, **options)
    try:
        with structlog.testing.capture_logs() as logs:
            verdict = await asyncio.wait_for(
                archive.fetch(wanted(host, links, **(fields or {})), attempt), PATIENCE_S
            )
    finally:
        await archive.aclose()
        await telnyx.aclose()
    files = files_in(to) if isinstance(to, Path) else {}
    return Outcome(verdict, host.requests, files, json.dumps(logs))


def fetch(to: Path | Store, answers: Mapping[str, bytes], links: Mapping[str, str] = WAV, **options) -> Outcome:
    async def scenario() -> Outcome:
        async with storage_host(answers) as host:
            return await fetched(host, to, links, **options)

    return asyncio.run(scenario())


def is_whole(outcome: Outcome, body: bytes = SOUND, kind: str = "wav") -> bool:
    return outcome.verdict == Done() and outcome.files == {
        f"{RECORDING_ID}.{kind}": body,
        f"{RECORDING_ID}.json": outcome.files.get(f"{RECORDING_ID}.json"),
    }


async def in_a_process(
    recordings_url: str, download: Download, limit: str, **env: str
) -> asyncio.subprocess.Process:
    """An archive that has only so much of something: see tests/archive_child.py."""
    command = [sys.executable, "-m", "tests.archive_child", recordings_url, msgspec.json.encode(download), limit]
    told = {"PATH": os.environ["PATH"], **env}
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=told, stdout=asyncio.subprocess.PIPE)


async def verdict_of(child: asyncio.subprocess.Process) -> list[Any]:
    output, _ = await asyncio.wait_for(child.communicate(), PATIENCE_S)
    assert child.returncode == 0
    return json.loads(output.splitlines()[-1])
