"""Whether the tests on Redis are run, left out or missed, by what is installed."""

import subprocess
import sys

import pytest

from tests.on_redis import find
from tests.processes import ROOT

LEFT_OUT = "Left out: the tests on Redis, as there is no redis-server 7.0 or newer on the PATH.\n"
MISSING = "No redis-server 7"


def installed(folder, told):
    """A `redis-server` that says this of its version."""
    server = folder / "redis-server"
    server.write_text(f"#!/bin/sh\necho '{told}'\n")
    server.chmod(0o755)
    return str(server)


def on_redis(*words, **env):
    command = [sys.executable, "-m", "tests.on_redis", *words]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr.partition(".")[0]


@pytest.mark.parametrize(
    ("told", "is_taken"),
    [
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0", True),
        ("Redis server v=7.0.0", True),
        ("Redis server v=10.2.1", True),
        ("Redis server v=6.2.14", False),
        ("Valkey server v=9.0.0", False),  # under the name of Redis: all tests are run on Valkey anyhow
    ],
)
def test_a_redis_is_taken_from_7_0_on(told, is_taken, tmp_path):
    server = installed(tmp_path, told)

    assert find(str(tmp_path)) == (server if is_taken else None)


@pytest.mark.parametrize(
    ("words", "ci", "answer"),
    [
        (("--if-found", "1"), "", (0, LEFT_OUT, "")),
        (("--if-found", "1"), "true", (2, "", MISSING)),
        (("1",), "", (2, "", MISSING)),
    ],
)
def test_without_redis_it_is_left_out_but_in_ci_or_where_it_was_asked_for(words, ci, answer, tmp_path):
    installed(tmp_path, "Redis server v=6.2.14")

    assert on_redis(*words, CI=ci, PATH=str(tmp_path)) == answer
