"""A storage host beside a fleet, the webhooks that tell of its files, and what is kept of them."""

import asyncio
import threading
import time
from collections.abc import Collection
from typing import Any, Final, Self
from uuid import uuid4

from tests.faults.fleet import Fleet
from tests.signing import webhook_body
from tests.storage_host import StorageHost, answer
from workers.archive.store import FORMATS

SOUND: Final = b"RIFF" + bytes(range(256)) * 3000  # three pieces of a download
LOOK_EVERY_S: Final = 0.02


class Storage(StorageHost):
    """A context, served from a thread of its own. `answers` may be changed meanwhile; a list is given in turn."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | list[bytes]] = {}
        super().__init__(self)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def get(self, path: str, otherwise: bytes = b"") -> bytes:
        found = self.answers.get(path, otherwise)
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._do(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _end(self) -> None:
        self._server.close()
        self.close()
        here = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not here]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def saved(running: Fleet, link: str) -> str:
    """Telnyx tells of a recording; its id."""
    recording = str(uuid4())
    body = webhook_body(
        "call.recording.saved",
        recording_id=recording,
        recording_urls={"wav": link},
        format="wav",
        channels="single",
        recording_started_at="2026-11-20T15:04:08Z",
        recording_ended_at="2026-11-20T15:06:41Z",
    )
    assert running.post(body) == 200
    return recording


class Kept:
    """A context: looks at the folder all the time. What has its final name should be whole at the first look."""

    def __init__(self, running: Fleet, sounds: Collection[bytes] = (SOUND,)) -> None:
        self.at: dict[str, float] = {}  # when a recording was first seen there with its metadata; monotonic
        self.not_whole: set[str] = set()
        self._folder = running.stack.recordings
        self._sounds = sounds
        self._seen: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def parts(self) -> list[str]:
        return [path.name for path in self._folder.glob("*.part")]

    def _look_on(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            self._look()

    def _look(self) -> None:
        names = {path.name for path in self._folder.glob("*") if path.suffix != ".part"}
        for name in names - self._seen:
            recording, _, kind = name.partition(".")
            if kind == "json":
                self.at[recording] = time.monotonic()
                is_whole = any((self._folder / f"{recording}.{one}").exists() for one in FORMATS)
            else:
                is_whole = (self._folder / name).read_bytes() in self._sounds
            if not is_whole:
                self.not_whole.add(name)
        self._seen |= names


def good(body: bytes = SOUND) -> bytes:
    return answer(200, body)
