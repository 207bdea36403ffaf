"""Trunkline on one machine: Valkey, the Telnyx stand-in, the web process and the workers, each a process."""

import ctypes
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from console import embedded, queues
from console.asking import ask
from shared.errors import ConfigError, Unavailable
from shared.events import WEBHOOK_PATH
from shared.queues import KINDS
from shared.settings import Settings

TOKEN: Final = "demo-token"  # noqa: S105 - of a stand-in on loopback
CONNECTION: Final = "2900000000000000001"  # the application that the stand-in's calls come over
READY_WITHIN_S: Final = 20.0
STOP_WITHIN_S: Final = 25.0
LOOK_EVERY_S: Final = 0.1


class Fleet:
    """Starts everything on free loopback ports, and ends by pid what it has started."""

    def __init__(self, env: Mapping[str, str], simulator_options: list[str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-"))
        self.env = dict(env)
        self._simulator_options = simulator_options
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, list[str]] = {}
        self._valkey: Any = None
        self.redis_url = env.get("REDIS_URL", "").strip()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        self._start_valkey()
        port = embedded.free_port()
        self.web = f"http://127.0.0.1:{port}"
        stand_in = self._start_simulator(self.web + WEBHOOK_PATH)
        self.control: str = stand_in["control"]
        self.recordings = self.folder / "recordings"
        self.env |= {
            "TELNYX_API_KEY": "demo-key",
            "TELNYX_BASE_URL": stand_in["url"],
            "TELNYX_PUBLIC_KEY": stand_in["public_key"],
            "TELNYX_CONNECTION_ID": CONNECTION,
            "TRUNKLINE_API_TOKEN": TOKEN,
            "RECORDINGS_URL": f"file://{self.recordings}",
            "RECORDING_HOSTS": stand_in["url"].split("/")[2],
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        self._spawn("web", [sys.executable, "-m", "ingress"])
        for kind in KINDS:
            self._spawn(kind, [sys.executable, "-m", "workers", kind])
        self._wait_until_ready()

    def _start_valkey(self) -> None:
        """Unless REDIS_URL names a server. Raises Unavailable if that is away, ConfigError if others work there.

        A fleet beside other workers would take their calls, and send their commands to the stand-in.
        """
        if not self.redis_url:
            self._valkey = embedded.start(self.folder / "valkey")
            self.redis_url = f"redis://127.0.0.1:{self._valkey.port}/0"
        self.env["REDIS_URL"] = self.redis_url
        if any(self._live_workers()):
            raise ConfigError(
                "REDIS_URL has live workers, whose calls would be taken: name another database, or none"
            )

    def _start_simulator(self, webhook_url: str) -> dict[str, str]:
        command = [sys.executable, "-m", "simulator", "--webhook-url", webhook_url, *self._simulator_options]
        process = self._spawn("simulator", command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise ConfigError(self._last_words("simulator"))
        told: dict[str, str] = json.loads(line)
        return told

    def _spawn(self, name: str, command: list[str], stdout: int | None = None) -> "subprocess.Popen[bytes]":
        self._commands[name] = command
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own modules, by this interpreter
                command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, before exec
            )
        self._running[name] = process
        return process

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < end:
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise ConfigError(f"{name} ended: {self._last_words(name)}")
            if self._is_ready():
                return
            time.sleep(LOOK_EVERY_S)
        raise ConfigError(f"not ready within {READY_WITHIN_S:.0f} s: is this machine very busy?")

    def _is_ready(self) -> bool:
        try:
            workers = self._live_workers()
            # A proxy of this machine's environment leads away from it.
            web = httpx.get(f"{self.web}/ready", timeout=1.0, trust_env=False)
        except (Unavailable, httpx.HTTPError):
            return False
        return all(workers) and web.status_code == 200

    def _live_workers(self) -> list[int]:
        """How many there are of each kind. Raises Unavailable where Valkey does not answer."""
        _, standings = ask(Settings.for_console(self.env), queues.stand)
        return [standing.live for standing in standings.values()]

    def ended(self) -> set[str]:
        """The lines of the Procfile of which a process has ended, by itself or drained."""
        ended = {name for name, process in self._running.items() if process.poll() is not None}
        return ended - {"simulator"}  # no line of it, and all addresses of the fleet would be wrong after it

    def restart(self, lines: Iterable[str]) -> None:
        """End the processes of these lines, start them anew and wait. Raises ConfigError where one cannot run."""
        names = [name for name in self._running if name in set(lines)]
        _end([self._running[name] for name in names])
        for name in names:
            self._spawn(name, self._commands[name])
        self._wait_until_ready()

    def _last_words(self, name: str) -> str:
        text = (self.folder / f"{name}.log").read_text(errors="replace").strip()
        return text.splitlines()[-1] if text else "it said nothing"

    def stop(self) -> None:
        """End every process, the workers first, and remove what they have written."""
        _end(list(self._running.values()))
        self._running.clear()
        if self._valkey is not None:
            self._valkey.stop()
            self._valkey = None
        shutil.rmtree(self.folder, ignore_errors=True)


def _end(processes: "list[subprocess.Popen[bytes]]") -> None:
    """SIGTERM, the last one first; what does not end by it is killed."""
    for process in reversed(processes):
        if process.poll() is None:
            process.terminate()
    end = time.monotonic() + STOP_WITHIN_S
    for process in processes:
        try:
            process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def die_with_parent() -> None:
    """On Linux the kernel ends a child whose parent was killed, so that nothing is left running."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
