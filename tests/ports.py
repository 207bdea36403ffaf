"""Ports for servers that tests start; no two test processes of this machine are given the same one.

A probe alone is not enough: between it and the server's own bind another process may be given the same port.
So each process has a slice for itself, held by a lock that ends with it, and goes round in it.
"""

import fcntl
import itertools
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

# Below the ports that the kernel hands out by itself: a server that comes back finds its port still free.
_FIRST: Final = 15_000
_SLICE: Final = 250
_SLICES: Final = 70  # up to 32,500


def free_port() -> int:
    """One that nobody listens on, and that no other test process is given while this one lives."""
    for port in itertools.islice(_round(), _SLICE):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"all {_SLICE} ports of this test process are in use")


@cache
def _round() -> Iterator[int]:
    folder = Path(tempfile.gettempdir()) / "trunkline-test-ports"
    folder.mkdir(exist_ok=True)
    for number in random.sample(range(_SLICES), _SLICES):
        lock = (folder / str(number)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _held.append(lock)
        first = _FIRST + number * _SLICE
        return itertools.cycle(range(first, first + _SLICE))
    raise RuntimeError(f"all {_SLICES} slices of ports are held by other test processes: {folder}")


_held: list[object] = []  # open for as long as the process lives: closing the file gives the slice up
