"""The job that all workers run, in the words of each: nothing, an HTTP request that takes 100 ms, or a wait.

The request is the plainest that there is, so that the workers are compared and not HTTP clients.
"""

import asyncio
import mmap
import os
import struct
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

FOLDER = Path(os.environ.get("BENCH_COUNTS", "."))  # a file a process, of how many it has done
HELD = FOLDER / "held"  # a line for each time that a job began to wait: pid and time.monotonic()
LET_GO = FOLDER / "let-go"  # no job waits while this file is there
LOOK_EVERY_S = 0.05
PORT = int(os.environ.get("BENCH_SLOW_PORT", "0"))
REQUEST = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"

_lock = threading.Lock()
_counts: dict[int, mmap.mmap] = {}
_here = threading.local()
_idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []


def noop() -> None:
    _done()


def fetch() -> None:
    if getattr(_here, "pid", None) != os.getpid():  # a fork must not share its parent's connection
        _here.connection, _here.pid = HTTPConnection("127.0.0.1", PORT), os.getpid()
    _here.connection.request("GET", "/")
    _here.connection.getresponse().read()
    _done()


async def noop_async() -> None:
    _done()


async def fetch_async() -> None:
    reader, writer = _idle.pop() if _idle else await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(REQUEST)
    await reader.readuntil(b"\r\n\r\nok")
    _idle.append((reader, writer))
    _done()


def hold() -> None:
    """Say that it began, and wait to be killed or let go."""
    _began()
    while not LET_GO.exists():
        time.sleep(LOOK_EVERY_S)


async def hold_async() -> None:
    _began()
    while not LET_GO.exists():  # noqa: ASYNC110 - who lets go is another process
        await asyncio.sleep(LOOK_EVERY_S)


def _began() -> None:
    with HELD.open("a") as file:
        file.write(f"{os.getpid()} {time.monotonic()}\n")


def _done() -> None:
    """One more, seen by `counted` in the process that measures."""
    pid = os.getpid()
    with _lock:
        count = _counts.get(pid)
        if count is None:
            path = FOLDER / str(pid)
            path.write_bytes(bytes(8))
            with path.open("r+b") as file:
                count = _counts.setdefault(pid, mmap.mmap(file.fileno(), 8))
        count[:8] = struct.pack("q", struct.unpack("q", count[:8])[0] + 1)


def counted(folder: Path) -> int:
    """By all processes so far."""
    return sum(struct.unpack("q", path.read_bytes().ljust(8, b"\0"))[0] for path in folder.iterdir())
