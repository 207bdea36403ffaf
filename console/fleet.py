"""Trunkline on one machine: Valkey, the Telnyx stand-in, the web process and the workers, each a process."""

import ctypes
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import redis

from console import embedded
from shared import queues
from shared.errors import ConfigError

TOKEN: Final = "demo-token"  # noqa: S105 - of a stand-in on loopback
CONNECTION: Final = "2900000000000000001"  # the application that the stand-in's calls come over
READY_WITHIN_S: Final = 20.0
STOP_WITHIN_S: Final = 25.0


class Fleet:
    """Starts everything on free loopback ports, and ends by pid what it has started."""

    def __init__(self, env: Mapping[str, str], simulator_options: list[str], workers_per_kind: int = 1) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-"))
        self.env = dict(env)
        self._simulator_options = simulator_options
        self._workers_per_kind = workers_per_kind
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._valkey: Any = None
        self.redis_url = env.get("REDIS_URL", "")

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
        if not self.redis_url:
            self._valkey = embedded.start(self.folder / "valkey")
            self.redis_url = f"redis://127.0.0.1:{self._valkey.port}/0"
        port = _free_port()
        self.web = f"http://127.0.0.1:{port}"
        stand_in = self._start_simulator(f"{self.web}/webhooks/telnyx")
        self.control: str = stand_in["control"]
        self.recordings = self.folder / "recordings"
        self.env |= {
            "REDIS_URL": self.redis_url,
            "TELNYX_API_KEY": "demo-key",
            "TELNYX_BASE_URL": stand_in["url"],
            "TELNYX_PUBLIC_KEY": stand_in["public_key"],
            "TELNYX_CONNECTION_ID": CONNECTION,
            "TRUNKLINE_API_TOKEN": TOKEN,
            "RECORDINGS_URL": f"file://{self.recordings}",
            "RECORDING_HOSTS": stand_in["url"].split("/")[2],
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "LOG_FORMAT": "json",
        }
        self._spawn("web", [sys.executable, "-m", "ingress"])
        for kind in queues.KINDS:
            for number in range(1, self._workers_per_kind + 1):
                self._spawn(f"{kind}.{number}", [sys.executable, "-m", "workers", kind])
        self._wait_until_ready()

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
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own modules, by this interpreter
                command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, before exec
            )
        self._running[name] = process
        return process

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_WITHIN_S
        client = redis.Redis.from_url(self.redis_url)
        while time.monotonic() < end:
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise ConfigError(f"{name} ended: {self._last_words(name)}")
            beating = [client.zcard(queues.beat_key(kind)) for kind in queues.KINDS]
            if min(beating) >= self._workers_per_kind and _is_ready(self.web):
                return
            time.sleep(0.1)
        raise ConfigError(f"not ready within {READY_WITHIN_S:.0f} s: is this machine very busy?")

    def _last_words(self, name: str) -> str:
        text = (self.folder / f"{name}.log").read_text(errors="replace").strip()
        return text.splitlines()[-1] if text else "it said nothing"

    def stop(self, keep: bool = False) -> None:
        """End every process, the workers first; `keep` leaves the folder with the logs."""
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + STOP_WITHIN_S
        for process in self._running.values():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        if self._valkey is not None:
            self._valkey.stop()
            self._valkey = None
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def _is_ready(web: str) -> bool:
    try:
        return httpx.get(f"{web}/ready", timeout=1.0).status_code == 200
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent() -> None:
    """On Linux the kernel ends a child whose parent was killed, so that nothing is left running."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
