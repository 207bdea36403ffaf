"""Events a second and what each costs: our ingress beside the floor under it and the ways others build it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import msgspec
import redis

from bench.child import CORES, ROOT, Child
from bench.ingress.load import PUBLIC_KEY
from bench.side_by_side import Measure
from bench.valkey import valkey
from bench.web import at_port, listens
from console.embedded import free_port

CONNECTIONS: Final = 64
SERVER, REST = CORES[:1], CORES[1:] or CORES
FLASK_APP: Final = [
    *("-m", "gunicorn", "bench.peers.flask_app:app", "--workers", "1", "--threads", "8"),
    *("--log-level", "error", "--bind", "127.0.0.1:PORT"),
]
FASTAPI_APP: Final = [
    *("-m", "uvicorn", "bench.peers.fastapi_app:app", "--loop", "uvloop", "--http", "httptools"),
    *("--no-access-log", "--port", "PORT"),
]
TRUNKLINE: Final = "Trunkline"
VERIFIES: Final = "floor: the same, and verifies"
FLASK: Final = "Flask, gunicorn gthread (8), SDK, Queue.enqueue"

# What each contestant is called, its command line, and what its environment has beside that of all.
SERVERS: Final[Mapping[str, tuple[list[str], dict[str, str]]]] = {
    "floor: our server, a handler that reads and answers": (["-m", "bench.ingress.floor"], {}),
    VERIFIES: (["-m", "bench.ingress.floor"], {"VERIFY": "1"}),
    TRUNKLINE: (["-m", "ingress"], {"DURABILITY": "fsync", "DIALPLAN": str(ROOT / "dialplan.toml")}),
    FLASK: (FLASK_APP, {}),
    "FastAPI, uvicorn, pydantic, Queue.enqueue": (FASTAPI_APP, {}),
}


@contextmanager
def contestants(seconds: float) -> Iterator[dict[str, Measure]]:
    """A context; all have the same Valkey."""
    with valkey() as (url, _):
        yield {name: partial(_measure, argv, env, url, seconds) for name, (argv, env) in SERVERS.items()}


def _measure(argv: list[str], env: dict[str, str], redis_url: str, seconds: float) -> dict[str, float]:
    """At the peak, then at half of it."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    port = free_port()
    common = {"REDIS_URL": redis_url, "TELNYX_PUBLIC_KEY": PUBLIC_KEY, "HOST": "127.0.0.1", "PORT": str(port)}
    with Child(at_port(argv, port), common | env, SERVER) as server:
        server.until(lambda: listens(port), "the server listens")
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


def _load(port: int, seconds: float, rate: float) -> dict[str, float]:
    """Raises RuntimeError when an answer was not 200."""
    with Child(
        ["-m", "bench.ingress.load", str(port), str(CONNECTIONS), str(seconds), str(rate)], cores=REST
    ) as load:
        figures: dict[str, Any] = msgspec.json.decode(load.output())
    if set(figures["answers"]) != {"200"}:
        raise RuntimeError(f"answers other than 200: {figures['answers']}")
    count = figures["answers"]["200"]
    return {name: figures[name] for name in ("p50_ms", "p99_ms")} | {
        "count": count,
        "rate": count / figures["seconds"],
    }
