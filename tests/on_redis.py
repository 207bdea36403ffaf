"""`make test-redis`, and the end of `make test`: tests that lean on the server, on an installed `redis-server`.

It is started as the tests start their Valkey: on loopback, with a configuration of its own and never the system's.
A service that runs already is left alone. Each pytest process has a server for itself, since some tests change the
settings of the whole server.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.processes import embedded_valkey

OLDEST: Final = (7, 0)
TESTS: Final = (
    "tests/e2e/test_engine.py",
    "tests/e2e/test_kinds_of_calls.py",
    "tests/e2e/test_outage.py",
    "tests/integration/dead",
    "tests/integration/workers",
    "tests/integration/test_ingress_broken_keys.py",
    "tests/integration/test_ingress_calls.py",
    "tests/integration/test_ingress_group_commit.py",
    "tests/integration/test_ingress_outage.py",
    "tests/integration/test_redis_cluster.py",
    "tests/integration/test_redis_failover.py",
    "tests/integration/test_redis_losses.py",
    "tests/integration/test_redis_tls.py",
)
# They take long, and ask nothing of the server that the others do not.
LEFT_OUT: Final = ("archive_worker", "model", "sweep_law", "workers_killed")
HOW_TO_GET_IT: Final = """\
On Debian or Ubuntu: sudo apt-get install redis-server
(and, if that has started one as a service, `sudo service redis-server stop`: the tests start their own)"""


def find(path: str) -> str | None:
    """A `redis-server` on this PATH that is new enough; None without one."""
    binary = shutil.which("redis-server", path=path)
    if binary is None:
        return None
    told = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"Redis server v=(\d+)\.(\d+)", told)
    return binary if version and (int(version[1]), int(version[2])) >= OLDEST else None


def run(binary: str, processes: int, arguments: Sequence[str]) -> int:
    """pytest's exit code."""
    os.environ["TEST_REDIS_SERVER"] = binary
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        servers = [ends.enter_context(embedded_valkey(folder / str(n))) for n in range(processes)]
        os.environ["TEST_REDIS_URL"] = ",".join(server.connection_url for server in servers)
        left_out = [f"--ignore=tests/integration/workers/test_{name}.py" for name in LEFT_OUT]
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            str(processes),
            "--dist",
            "loadscope",
            *left_out,
            *TESTS,
            *arguments,
        ]
        return subprocess.run(command, check=False).returncode


def main(words: Sequence[str]) -> int:
    """pytest's exit code. Without redis-server 0 where it may be left out, which CI may not, else 2."""
    parser = argparse.ArgumentParser(prog="python -m tests.on_redis", allow_abbrev=False)
    parser.add_argument("--if-found", action="store_true", help="leave it out without redis-server, but in CI")
    parser.add_argument("processes", type=int)
    chosen, arguments = parser.parse_known_args(words)
    binary = find(os.environ.get("PATH", ""))
    if binary is not None:
        return run(binary, chosen.processes, arguments)
    if chosen.if_found and os.environ.get("CI") != "true":
        print("Left out: the tests on Redis, as there is no redis-server 7.0 or newer on the PATH.")  # noqa: T201
        return 0
    print(f"No redis-server 7.0 or newer is on the PATH. {HOW_TO_GET_IT}", file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
