"""One process of ours: started by its own command line, its output in a file, ended by its pid."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.waiting import PATIENCE_S

ROOT: Final = Path(__file__).parents[2]
_SHOWN: Final = 6_000  # characters of a log


def procfile(file: Path = ROOT / "Procfile") -> dict[str, list[str]]:
    """Name -> command line, as a platform would run it; `python` is the one that runs the tests."""
    lines = file.read_text().splitlines()
    pairs = (line.split(":", 1) for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): _with_this_python(shlex.split(command, comments=True)) for name, command in pairs}


def _with_this_python(argv: list[str]) -> list[str]:
    return [sys.executable, *argv[1:]] if argv[0] == "python" else argv


class Process:
    """A child process. `env` is all it is told; nothing of the test's own environment leaks in but PATH."""

    def __init__(self, argv: list[str], env: dict[str, str], log: Path, *, stdin: int | None = None) -> None:
        self.log = log
        self.err = log.with_suffix(".err")
        with log.open("wb") as out, self.err.open("wb") as err:
            self.popen = subprocess.Popen(
                argv, cwd=ROOT, env=env, stdin=stdin, stdout=out, stderr=err, process_group=0
            )

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None

    @property
    def output(self) -> str:
        """What it wrote last, stdout before stderr."""
        return "".join(path.read_text(errors="replace")[-_SHOWN:] for path in (self.log, self.err))

    def ended(self, within_s: float = PATIENCE_S) -> int:
        """Its exit code, minus the signal that ended it. Raises subprocess.TimeoutExpired."""
        return self.popen.wait(within_s)

    def terminate(self, within_s: float = PATIENCE_S) -> int:
        """SIGTERM; the exit code."""
        self.popen.terminate()
        return self.ended(within_s)

    def kill(self) -> None:
        if self.is_alive:
            self.popen.kill()
        self.popen.wait(PATIENCE_S)
        if self.popen.stdin is not None:
            self.popen.stdin.close()
