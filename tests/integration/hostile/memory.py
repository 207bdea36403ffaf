"""How much memory a process holds, and how much more hostile input may make it hold."""

from pathlib import Path
from typing import Final

MAY_GROW_KB: Final = 32 * 1024


def resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
