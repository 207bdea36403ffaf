"""Small libraries in C that are preloaded into a process of a test, where there is a compiler."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def built(source: Path, folder: Path) -> Path:
    """The library. Skips the test where none can be built."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("the shim needs a C compiler (cc) and LD_PRELOAD")
    library = folder / source.with_suffix(".so").name
    command = [compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return library


@contextmanager
def told(env: dict[str, str]) -> Iterator[None]:
    """Variables that a child inherits which is started here without an environment of its own."""
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
