"""An operator's command within the test's own process, where a process of its own would tell nothing more."""

import io
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

from console.__main__ import run


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def trunkline(*words, **env):
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = run(words, env)
        except SystemExit as end:
            code = end.code
    return Done(code, out.getvalue(), err.getvalue())
