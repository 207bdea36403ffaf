"""Earlier releases of this program: its own code, with lower schema numbers."""

import re
import shutil
from pathlib import Path
from typing import Final

from shared import calls, queues
from tests.processes import ROOT

ROOMS: Final = ("ingress", "workers", "shared", "console")
NUMBERED: Final = {"shared/queues.py": queues.SCHEMA, "shared/calls.py": calls.SCHEMA}


def release(folder: Path, ago: int) -> dict[str, str]:
    """What a process is told that is to run the release that was `ago` releases before this one."""
    if ago == 0:
        return {}
    tree = folder / f"release-{ago}-ago"
    for room in ROOMS:
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name, number in NUMBERED.items():
        code = (tree / name).read_text()
        lowered, times = re.subn(
            rf"^SCHEMA: Final = {number}\b", f"SCHEMA: Final = {number - ago}", code, flags=re.MULTILINE
        )
        assert times == 1, name
        (tree / name).write_text(lowered)
    return {"PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1"}  # its code, not that of the working directory
