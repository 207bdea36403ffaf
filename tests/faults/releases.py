"""Earlier releases of this program: its own code, with other schema numbers."""

import re
import shutil
from pathlib import Path
from typing import Final

from shared import calls, queues
from tests.processes import ROOT

ROOMS: Final = ("ingress", "workers", "shared", "console")


class Releases:
    """So many, all from the code as it is now, whatever becomes of it meanwhile.

    No job's schema was ever below 1, so the first one has today's. Of records the last one has: tests read them.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        for room in ROOMS:
            shutil.copytree(ROOT / room, folder / "now" / room, ignore=shutil.ignore_patterns("__pycache__"))
        for number in range(count):
            shutil.copytree(folder / "now", self._tree(number))
            _renumber(self._tree(number) / "shared/queues.py", queues.SCHEMA, number)
            _renumber(self._tree(number) / "shared/calls.py", calls.SCHEMA, number + 1 - count)

    def _tree(self, number: int) -> Path:
        return self._folder / f"release-{number}"

    def env(self, number: int) -> dict[str, str]:
        """What a process is told that is to run a release, from 0 on."""
        # Its code, not that of the working directory.
        return {"PYTHONPATH": str(self._tree(number)), "PYTHONSAFEPATH": "1"}


def _renumber(file: Path, schema: int, by: int) -> None:
    pattern = rf"^SCHEMA: Final = {schema}\b"
    changed, times = re.subn(pattern, f"SCHEMA: Final = {schema + by}", file.read_text(), flags=re.MULTILINE)
    assert times == 1, file
    file.write_text(changed)
