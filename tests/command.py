"""An operator's command: within the test's own process or, where that is what is tested, in one of its own."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import NamedTuple

from console.__main__ import run
from tests.processes import ROOT


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def trunkline(*words: str, given: bytes = b"", **env: str) -> Done:
    """Within this process, in milliseconds; `given` is its standard input, `env` its whole environment."""
    out, err = _stream("strict"), _stream("backslashreplace")
    with redirect_stdout(out), redirect_stderr(err), _standard_input(given):
        try:
            code = run(words, env)
        except SystemExit as end:
            code = end.code
    return Done(code, _told(out), _told(err))


def trunkline_process(*words: str, timeout_s: float = 20, **env: str) -> "subprocess.CompletedProcess[str]":
    """As an operator runs it; it takes most of a second to start."""
    return subprocess.run(
        [sys.executable, "-m", "console", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def _stream(errors: str) -> io.TextIOWrapper:
    """As Python opens its own: what cannot be encoded is an error on stdout, and escaped on stderr."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors=errors, newline="")


def _told(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextmanager
def _standard_input(given: bytes) -> Iterator[None]:
    usual = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = usual
