"""A measured process: on cores of its own, with what it and its children used of the processor and of memory."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Self

ROOT: Final = Path(__file__).parents[1]
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
PATIENCE_S: Final = 30.0
END_WITHIN_S: Final = 300.0
CORES: Final = sorted(os.sched_getaffinity(0))


class Child:
    """A context: the process has ended when it is left, with all that it has started."""

    def __init__(
        self,
        argv: list[str],
        env: Mapping[str, str] | None = None,
        cores: Iterable[int] = CORES,
        python: str = "",
    ) -> None:
        """`argv` is what the interpreter is given: ["-m", "ingress"]. `env`: all of its environment but PATH."""
        self._out, self._log = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - until the end
        self.popen = subprocess.Popen(
            [python or sys.executable, *argv],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})},
            stdout=self._out,
            stderr=self._log,
            start_new_session=True,
        )
        os.sched_setaffinity(self.popen.pid, set(cores))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.popen.poll() is None:
            self.popen.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(5)
        self.kill()
        self._out.close()
        self._log.close()

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Return when it holds. Raises RuntimeError, with the process's log, when it ends or never does."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            if self.popen.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{what}: not within {PATIENCE_S:g} s\n{self._read(self._log)[-4000:]!r}")
            time.sleep(0.02)

    def output(self) -> bytes:
        """What it has printed by its end. Raises RuntimeError, with its log, when it fails or does not end."""
        try:
            code = self.popen.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            code = None
        if code != 0:
            ended = f"not within {END_WITHIN_S:g} s" if code is None else f"exit code {code}"
            raise RuntimeError(f"{self.popen.args}: {ended}\n{self._read(self._log)[-4000:]!r}")
        return self._read(self._out)

    def kill(self) -> None:
        """At once, and all of it: nobody has a moment to give anything back."""
        for pid in self.family():
            with suppress(ProcessLookupError):  # it has ended since
                os.kill(pid, signal.SIGKILL)
        self.popen.wait(PATIENCE_S)

    @staticmethod
    def _read(file: IO[bytes]) -> bytes:
        file.seek(0)
        return file.read()

    def family(self) -> list[int]:
        """Its own pid and those of its session that still live: its children, forked or started."""
        return [pid for pid in _pids() if _stat(pid)[3:4] == [str(self.popen.pid)]]

    def cpu_s(self) -> float:
        """Used so far, by all of them."""
        return sum(sum(map(int, _stat(pid)[11:13])) for pid in self.family()) / TICKS_PER_S

    def rss_mb(self) -> float:
        """Memory that is theirs, shared pages counted by their share."""
        return sum(_pss_kb(pid) for pid in self.family()) / 1024


def _pids() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat from its state on: 3 is the session, 11 and 12 are user and system ticks."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    fields = text.rpartition(")")[2].split()
    return [] if fields[0] == "Z" else fields


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
