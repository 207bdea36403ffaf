"""Processes whose wall clock is wrong, and may jump while they run; their monotonic clock is right."""

from pathlib import Path
from typing import Final

from tests.shims import built

SOURCE: Final = Path(__file__).with_name("clock_shim.c")


class Clock:
    """Of whatever is started with `env`. Right until it is set. Skips the test where no shim can be built."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._file = folder / "shift"
        self._file.write_bytes(bytes(8))
        self.env = {"LD_PRELOAD": str(built(SOURCE, folder)), "CLOCK_SHIFT": str(self._file)}

    def set(self, seconds: float) -> None:
        """Off by so much from now on."""
        with self._file.open("r+b", buffering=0) as file:
            file.write(round(seconds * 1e9).to_bytes(8, "little", signed=True))
