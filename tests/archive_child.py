"""An archive in a process of its own: `python -m tests.archive_child RECORDINGS_URL DOWNLOAD LIMIT`.

Prints its verdict. LIMIT is a resource and its amount, like `FSIZE 300000`; that of `NOFILE` may yet be opened.
"""

import asyncio
import json
import os
import resource
import sys
from pathlib import Path

import msgspec

from shared.settings import Settings
from shared.telnyx import Telnyx
from workers.archive import Archive
from workers.logic.decision import Download


def forbid(name: str, amount: str) -> None:
    opened = len(list(Path("/dev/fd").iterdir())) - 1  # less the one for this look
    most = int(amount) + (opened if name == "NOFILE" else 0)
    resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


async def main(recordings_url: str, download: str, limit: str) -> None:
    environment = {**os.environ, "RECORDINGS_URL": recordings_url, "RECORDING_HOSTS": "127.0.0.1"}
    archive = Archive.from_settings(Settings.for_console(environment), Telnyx("http://127.0.0.1:1/v2", "the-key"))
    await asyncio.to_thread(int)  # a pool of threads is there before anything is forbidden
    forbid(*limit.split())
    verdict = await archive.fetch(msgspec.json.decode(download, type=Download), 0)
    print(json.dumps([type(verdict).__name__, *verdict]), flush=True)  # noqa: T201 - what the test reads


asyncio.run(main(*sys.argv[1:]))
os._exit(0)  # as `python -m workers`: a thread of obstore may come back late
