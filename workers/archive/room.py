"""Whether a folder takes a recording again that it could not take: found out on the disk, with no download."""

import os
import secrets
from pathlib import Path

from workers.archive.written import create


class Room:
    """What a folder had no place for. Everything here blocks and is called in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wanted: dict[str, int] = {}  # by recording id: bytes, at the least

    def was_short_of(self, recording_id: str, length: int) -> None:
        """The folder did not take so many bytes of it."""
        self._wanted[recording_id] = length

    def check(self, recording_id: str) -> None:
        """Raises OSError while the folder has no place for what it could not take of this recording."""
        length = self._wanted.get(recording_id)
        if length is None:
            return
        path = self._folder / f"{recording_id}.{secrets.token_hex(8)}.part"
        with create(path) as file:
            try:
                if hasattr(os, "posix_fallocate"):  # not on macOS: there is known only that a file can be made
                    os.posix_fallocate(file.fileno(), 0, length)
            finally:
                path.unlink(missing_ok=True)
        del self._wanted[recording_id]

    def is_enough(self, recording_id: str) -> None:
        """The recording is there; another worker may have put it there."""
        self._wanted.pop(recording_id, None)
