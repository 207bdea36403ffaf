"""What the processes of `trunkline dev` log, for one terminal: each line behind its process's name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_COLOURS: Final = (36, 32, 33, 35, 34, 31)  # of ANSI terminals, in the order in which processes are first heard
_WIDTH: Final = len("machine_detection")


class Logs:
    """The `*.log` of a folder; what is in them by now counts as told."""

    def __init__(self, folder: Path, coloured: bool) -> None:
        self._folder = folder
        self._coloured = coloured
        self._told = {file: file.stat().st_size for file in self._files()}

    def lines(self) -> Iterator[str]:
        """Whole lines since the last time; one that is still being written comes the next time."""
        for file in self._files():
            with file.open("rb") as log:
                log.seek(self._told.setdefault(file, 0))
                whole, end, _begun = log.read().rpartition(b"\n")
            self._told[file] += len(whole + end)
            head = self._head(file)
            yield from (head + line for line in whole.decode(errors="replace").splitlines())

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.log"))

    def _head(self, file: Path) -> str:
        head = f"{file.stem:{_WIDTH}} | "
        if not self._coloured:
            return head
        return f"\x1b[{_COLOURS[list(self._told).index(file) % len(_COLOURS)]}m{head}\x1b[0m"
