"""Processes that find the disk of one folder full or read-only, until it is mended; it needs no root."""

import itertools
import resource
from pathlib import Path
from typing import Final

from tests.shims import built

SOURCE: Final = Path(__file__).with_name("disk_shim.c")
UNLIMITED: Final = -1
READ_ONLY: Final = -2


class Disk:
    """Of `holds`, for whatever is started with `env`. Skips the test where no shim can be built."""

    def __init__(self, folder: Path, holds: Path) -> None:
        self._file = folder / "room"
        self._file.write_bytes(bytes(8))
        self.room(UNLIMITED)
        self.env = {
            "LD_PRELOAD": str(built(SOURCE, folder)),
            "DISK_ROOM": str(self._file),
            "DISK_FOLDER": str(holds),
        }

    def room(self, count: int) -> None:
        """No file may have more bytes, from now on; or UNLIMITED, or READ_ONLY."""
        with self._file.open("r+b", buffering=0) as file:
            file.write(count.to_bytes(8, "little", signed=True))


class Descriptors:
    """Those that a running process may have open. Linux only."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before = resource.prlimit(pid, resource.RLIMIT_NOFILE)

    def forbid_more(self) -> None:
        """From now on it opens nothing."""
        open_now = {int(one.name) for one in Path(f"/proc/{self._pid}/fd").iterdir()}
        lowest = next(number for number in itertools.count() if number not in open_now)
        resource.prlimit(self._pid, resource.RLIMIT_NOFILE, (lowest, self._before[1]))

    def allow(self) -> None:
        resource.prlimit(self._pid, resource.RLIMIT_NOFILE, self._before)
