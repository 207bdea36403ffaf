"""A fleet to be broken: Valkey behind a relay, two ingresses behind another, six workers, the stand-in."""

import os
import re
import signal
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

import httpx

from console.demo.play import Where
from shared import queues
from tests.e2e.process import Process, procfile
from tests.e2e.stack import CONNECTION, EXAMPLE, TOKEN, WEBHOOKS, Stack
from tests.faults.recovery import Recovery
from tests.ports import free_port
from tests.processes import embedded_valkey
from tests.relay import Relay
from tests.signing import signed
from tests.waiting import PATIENCE_S, wait_until

SIX: Final = tuple(kind for kind in queues.KINDS for _ in range(2))
LINES: Final = ("web", "web", *SIX)
_STARTED: Final = re.compile(r"worker_started.*\bworker=(?P<name>\w+)")


class Fleet:
    """A context. Processes are named `routing.7`: the line of the Procfile, and the how-manieth start it is."""

    def __init__(self, folder: Path, *sim_arguments: str, dialplan: Path = EXAMPLE) -> None:
        self._folder = folder
        self._starts = 0
        self._ports: dict[str, int] = {}  # of the web processes
        with ExitStack() as ends:
            self.valkey = embedded_valkey(folder / "valkey", port=free_port())
            self.valkey.start()
            ends.callback(self.valkey.terminate)
            self.link = Relay(self.valkey.port)
            ends.callback(self.link.close)
            self.front = Relay()
            ends.callback(self.front.close)
            told = ("--webhook-url", f"http://127.0.0.1:{self.front.port}{WEBHOOKS}", *sim_arguments)
            self.stack = ends.enter_context(Stack(folder, *told, dialplan=dialplan, valkey=self.valkey))
            self.recovery = Recovery(self.stack.redis)
            ends.callback(self.recovery.stop)
            url = f"http://127.0.0.1:{self.front.port}"
            self._http = ends.enter_context(httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False))
            self._ends = ends.pop_all()
        self.sim, self.books, self.redis = self.stack.sim, self.stack.books, self.stack.redis
        self.deaths = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def start(self, *lines: str, **env: str) -> Self:
        """Start these lines of the Procfile (all of `LINES` if none is named), each up when it returns."""
        started = [self.launch(line, **env) for line in lines or LINES]
        for name in started:
            self.until_up(name)
        return self

    def launch(self, line: str, **env: str) -> str:
        """Start one, and return its name at once; `env` adds to what it is told."""
        self._starts += 1
        name = f"{line}.{self._starts}"
        if line == "web":
            self._ports[name] = free_port()
            self.front.targets.append(self._ports[name])
            env = {"PORT": str(self._ports[name]), **env}
        url = f"redis://127.0.0.1:{self.link.port}/0"
        told = self.stack.env(**{"REDIS_URL": url, **env})
        self.stack.running[name] = Process(procfile()[line], told, self._folder / f"{name}.log")
        return name

    def until_up(self, name: str, within_s: float = 60.0) -> None:
        """A web process is ready, a worker has begun. Fails with the log of one that has ended."""
        wait_until(lambda: self._is_up(name), f"{name} is up", within_s)

    def _is_up(self, name: str) -> bool:
        process = self.stack.running[name]
        assert process.is_alive, process.output
        if name in self._ports:
            return _is_ready(self._ports[name])
        return bool(_worker_name(process))

    def log_of(self, name: str, words: str) -> list[str]:
        """The lines in which these words stand; debug lines only of one that was started with LOG_LEVEL."""
        lines = self.stack.running[name].err.read_text(errors="replace").splitlines()
        return [line for line in lines if words in line]

    def alive(self, line: str = "") -> list[str]:
        """The names of what runs, of one line or of all."""
        return [name for name, one in self.stack.running.items() if name.startswith(line) and one.is_alive]

    def kill(self, name: str) -> None:
        """SIGKILL; what a worker had in hand is watched until another has taken it up."""
        process = self.stack.running.pop(name)
        process.kill()
        self.deaths += 1
        if name in self._ports:
            self.front.targets.remove(self._ports[name])
        else:
            self._watch(line_of(name), process)

    def spare(self) -> list[str]:
        """Workers of whose kind another one runs, too: only of their deaths it is promised that nobody notices."""
        workers = [name for name in self.alive() if name not in self._ports]
        begun = [name for name in workers if _worker_name(self.stack.running[name])]
        of_kind = Counter(map(line_of, begun))
        return [name for name in begun if of_kind[line_of(name)] > 1]

    def holds(self, name: str) -> int:
        """How much a worker has in hand at this moment."""
        worker = _worker_name(self.stack.running[name])
        return len(self.recovery.held(line_of(name), worker)) if worker else 0

    def lose(self, name: str) -> int:
        """What a worker has in hand at this moment is watched until another has taken it up; how much that is."""
        return self._watch(line_of(name), self.stack.running[name])

    def _watch(self, kind: queues.Kind, process: Process) -> int:
        worker = _worker_name(process)
        return self.recovery.watch(kind, worker) if worker else 0

    def taken_up_after(self) -> float:
        """Seconds from now until others have applied what was accepted so far, and taken up what the dead held."""
        (seconds, microseconds), since = self.redis.time(), time.monotonic()
        pending = [queues.pending_key(kind) for kind in queues.KINDS]
        wait_until(
            lambda: not any(self.redis.zcount(key, "-inf", seconds + microseconds / 1e6) for key in pending),
            "every event that was accepted before is applied",
        )
        self.recovery.until_all_is_taken_up()
        return time.monotonic() - since

    def replace(self, name: str, **env: str) -> str:
        """Kill one and start the next in its place, as a platform does; the name of the new one."""
        self.kill(name)
        return self.launch(line_of(name), **env)

    def retire(self, name: str) -> Process:
        """SIGTERM to its group, after the router has been told, as a platform does; it may take its time."""
        process = self.stack.running.pop(name)
        if name in self._ports:
            self.front.targets.remove(self._ports[name])
        os.killpg(process.popen.pid, signal.SIGTERM)
        return process

    def pause(self, name: str) -> None:
        self.stack.running[name].popen.send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self.stack.running[name].popen.send_signal(signal.SIGCONT)

    def post(self, body: bytes) -> int:
        """Deliver a webhook through the relay, signed now; the status of the answer."""
        return self._http.post(WEBHOOKS, content=body, headers=signed(body)).status_code

    @property
    def where(self) -> Where:
        """For whoever plays calls: past the relay of Valkey, through the one of the ingresses."""
        web = f"http://127.0.0.1:{self.front.port}"
        return Where(self.sim.control, web, self.stack.redis_url, self.stack.recordings, TOKEN, CONNECTION)


def line_of(name: str) -> Any:
    return name.partition(".")[0]


def _worker_name(process: Process) -> str:
    """What a worker calls itself in Valkey; empty as long as it has not begun."""
    begun = _STARTED.search(process.err.read_text(errors="replace"))
    return begun["name"] if begun else ""


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
