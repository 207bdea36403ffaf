"""`make test-redis`: the tests that lean on the server, on an installed `redis-server` instead of Valkey.

Each pytest process has a server for itself, since some tests change the settings of the whole server.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.processes import embedded_valkey

TESTS: Final = (
    "tests/integration/workers",
    "tests/integration/test_ingress_calls.py",
    "tests/integration/test_ingress_group_commit.py",
    "tests/integration/test_ingress_outage.py",
    "tests/integration/test_redis_cluster.py",
    "tests/integration/test_redis_failover.py",
    "tests/integration/test_redis_losses.py",
    "tests/integration/test_redis_tls.py",
    "tests/e2e/test_engine.py",
    "tests/e2e/test_kinds_of_calls.py",
    "tests/e2e/test_outage.py",
)
# They take long, and ask nothing of the server that the others do not.
LEFT_OUT: Final = ("archive_worker", "model", "sweep_law", "workers_killed")
HOW_TO_GET_IT: Final = """\
make test-redis needs redis-server 7.0 or newer on the PATH, and has not found it. On Debian or Ubuntu:
  sudo apt-get install redis-server
(and, if that has started one as a service, `sudo service redis-server stop`: the tests start their own)"""


def main(processes: int, arguments: list[str]) -> int:
    """pytest's exit code; 2 without redis-server."""
    binary = shutil.which("redis-server")
    if binary is None:
        print(HOW_TO_GET_IT, file=sys.stderr)  # noqa: T201 - for whoever called make
        return 2
    os.environ["TEST_REDIS_SERVER"] = binary
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        servers = [ends.enter_context(embedded_valkey(folder / str(n))) for n in range(processes)]
        os.environ["TEST_REDIS_URL"] = ",".join(server.connection_url for server in servers)
        left_out = [f"--ignore=tests/integration/workers/test_{name}.py" for name in LEFT_OUT]
        command = [sys.executable, "-m", "pytest", "-n", str(processes), *left_out, *TESTS, *arguments]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
