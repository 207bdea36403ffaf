"""The bytes of one download, in a file on this machine."""

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from workers.archive.trouble import Unwritable

PRIVATE: Final = 0o600  # recordings are people's voices

P = ParamSpec("P")
T = TypeVar("T")


class Written:
    """Counted and hashed as they come. Everything here blocks and is called in threads; raises OSError.

    Locked, since a cancelled job leaves its last write running in a thread: `close` comes after it and wins.
    """

    def __init__(self, create: Callable[[], FileIO]) -> None:
        """`create` is called for the first piece."""
        self._create = create
        self.file: FileIO | None = None
        self._over = False
        self._lock = threading.Lock()
        self._sha256 = hashlib.sha256()
        self.length = 0

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def write(self, piece: bytes) -> None:
        with self._lock:
            if self._over:
                return
            if self.file is None:
                self.file = self._create()
            write_all(self.file, piece)
            self._sha256.update(piece)
            self.length += len(piece)

    @contextmanager
    def held(self) -> Iterator[FileIO | None]:
        """The file, which nobody closes meanwhile; None when nothing was written, or it is over."""
        with self._lock:
            yield None if self._over else self.file

    def close(self) -> None:
        """Take nothing more."""
        with self._lock:
            self._over = True
            if self.file is not None:
                with suppress(OSError):
                    self.file.close()


def create(path: Path) -> FileIO:
    """A file that was not there, and is no link to another. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return FileIO(os.open(path, flags, PRIVATE), "wb")


def write_all(file: FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


async def in_thread(place: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do blocking work with `place`, which the operator knows by that name. Raises Unwritable."""
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except OSError as trouble:
        raise Unwritable(f"{place}: {trouble.strerror or type(trouble).__name__}") from None
