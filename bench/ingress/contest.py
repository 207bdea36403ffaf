"""Events a second and what each costs: our ingress beside the floor under it and the ways others build it."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import redis

from bench.child import CORES, ROOT, Child
from bench.ingress.load import PUBLIC_KEY
from bench.side_by_side import Measure
from console import embedded
from console.embedded import free_port

CONNECTIONS: Final = 64
SERVER, REST = CORES[:1], CORES[1:] or CORES
GUNICORN: Final = ["-m", "gunicorn", "bench.peers.flask_app:app", "--workers", "1", "--log-level", "error"]
FASTAPI: Final = ["-m", "uvicorn", "bench.peers.fastapi_app:app", "--loop", "uvloop", "--http", "httptools"]

SERVERS: Final[Mapping[str, tuple[list[str], dict[str, str]]]] = {
    "floor: our server, a handler that reads and answers": (["-m", "bench.ingress.floor"], {}),
    "floor: the same, and verifies": (["-m", "bench.ingress.floor"], {"VERIFY": "1"}),
    "Trunkline": (["-m", "ingress"], {"DURABILITY": "fsync", "DIALPLAN": str(ROOT / "dialplan.toml")}),
    "Flask, gunicorn gthread (8), SDK, Queue.enqueue": ([*GUNICORN, "--threads", "8", "--bind", ":PORT"], {}),
    "FastAPI, uvicorn, pydantic, Queue.enqueue": ([*FASTAPI, "--no-access-log", "--port", "PORT"], {}),
}


@contextmanager
def contestants(seconds: float) -> Iterator[dict[str, Measure]]:
    """A context with a Valkey that syncs before it answers, the same for all."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        server = embedded.start(folder / "valkey")
        ends.callback(server.stop)
        url = f"{server.connection_url}/0"
        yield {name: partial(_measure, argv, env, url, seconds) for name, (argv, env) in SERVERS.items()}


def _measure(argv: list[str], env: dict[str, str], redis_url: str, seconds: float) -> dict[str, float]:
    """At the peak, then at half of it."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    port = free_port()
    told = {"REDIS_URL": redis_url, "TELNYX_PUBLIC_KEY": PUBLIC_KEY, "HOST": "127.0.0.1", "PORT": str(port)}
    command = [word.replace("PORT", str(port)) if "PORT" in word else word for word in argv]
    with Child(command, told | env, SERVER) as server:
        server.until(lambda: _answers(port), "the server listens")
        _load(port, 1.0, 0)  # warm
        began_cpu = server.cpu_s()
        peak = _load(port, seconds, 0)
        cpu_s = server.cpu_s() - began_cpu
        half = _load(port, seconds, peak["rate"] / 2)
    return {
        "events/s": peak["rate"],
        "CPU µs per event": cpu_s / peak["count"] * 1e6,
        "p50 ms at half load": half["p50_ms"],
        "p99 ms at half load": half["p99_ms"],
    }


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False)
    except httpx.TransportError:
        return False
    return True


def _load(port: int, seconds: float, rate: float) -> dict[str, float]:
    """Raises RuntimeError when an answer was not 200."""
    with Child(
        ["-m", "bench.ingress.load", str(port), str(CONNECTIONS), str(seconds), str(rate)], cores=REST
    ) as load:
        told: dict[str, Any] = msgspec.json.decode(load.output())
    if set(told["answers"]) != {"200"}:
        raise RuntimeError(f"answers other than 200: {told['answers']}")
    count = told["answers"]["200"]
    return {"count": count, "rate": count / told["seconds"], "p50_ms": told["p50_ms"], "p99_ms": told["p99_ms"]}
