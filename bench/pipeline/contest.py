"""Webhook to command, and calls a second, of a whole fleet: ours, and the plain one with as many processes."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import msgspec
import redis

from bench.child import ROOT, Child
from bench.ingress.contest import GUNICORN
from bench.ingress.load import PUBLIC_KEY
from bench.pipeline.outside import Asked, Figures
from bench.side_by_side import Measure
from console import embedded
from console.embedded import free_port

AT_ONCE: Final = 100  # calls, to find the peak
SHARES: Final = (0.2, 0.5, 0.8)  # of the peak
RQ: Final = ["-m", "rq.cli", "worker", "routing", "--quiet", "--worker-class", "rq.SimpleWorker"]


class Fleet(NamedTuple):
    """Its processes; PORT stands for the web process's."""

    web: list[str]
    workers: list[list[str]]


OURS: Final = Fleet(["-m", "ingress"], [["-m", "workers", "routing"]])
PLAIN: Final = Fleet([*GUNICORN, "--threads", "8", "--bind", ":PORT"], [RQ])


@contextmanager
def contestants(seconds: float) -> Iterator[dict[str, Measure]]:
    """A context with a Valkey that syncs before it answers, and Telnyx's answers after 0, 50 and 100 ms."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        server = embedded.start(folder / "valkey")
        ends.callback(server.stop)
        url = f"{server.connection_url}/0"
        yield {
            "Trunkline, Telnyx answers at once": partial(measure, OURS, url, folder, seconds, 0.0),
            "Trunkline, Telnyx answers in 50 ms": partial(measure, OURS, url, folder, seconds, 0.05),
            "Trunkline, Telnyx answers in 100 ms": partial(measure, OURS, url, folder, seconds, 0.1),
            "Flask, SDK, RQ SimpleWorker, at once": partial(measure, PLAIN, url, folder, seconds, 0.0),
            "Flask, SDK, RQ SimpleWorker, in 50 ms": partial(measure, PLAIN, url, folder, seconds, 0.05),
        }


def measure(
    fleet: Fleet,
    redis_url: str,
    folder: Path,
    seconds: float,
    answers_in: float,
    shares: Sequence[float] = SHARES,
    prepare: Callable[[redis.Redis], object] = lambda _: None,
) -> dict[str, float]:
    """At the peak, then at shares of it. Raises RuntimeError when a command was lost.

    `prepare` puts into an empty Valkey what is there before.
    """
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        prepare(client)
    web, telnyx = free_port(), free_port()
    told = told_to(redis_url, folder, web, telnyx)
    with ExitStack() as ends:
        command = [word.replace("PORT", str(web)) if "PORT" in word else word for word in fleet.web]
        processes = [ends.enter_context(Child(command, told))]
        processes += [ends.enter_context(Child(worker, told)) for worker in fleet.workers]
        processes[0].until(lambda: _is_ready(web), "the web process listens")
        play = partial(_play, web=web, telnyx=telnyx, answers_in=answers_in, at_once=AT_ONCE)
        play(seconds=1.0, rate=0.0)  # warm
        peak = play(seconds=seconds, rate=0.0)
        told_by_share = {share: play(seconds=seconds, rate=peak.calls / peak.seconds * share) for share in shares}
        memory = sum(process.rss_mb() for process in processes)
    figures = {"calls/s": peak.calls / peak.seconds}
    for share, at in told_by_share.items():
        for name in ("p50_ms", "p95_ms", "p99_ms"):
            figures[f"{name[:3]} ms at {share:.0%}"] = getattr(at, name)
    return figures | {"memory MB": memory}


def told_to(redis_url: str, folder: Path, web: int, telnyx: int) -> dict[str, str]:
    """The environment of a fleet; `web` and `telnyx` are ports."""
    return {
        "REDIS_URL": redis_url,
        "TELNYX_PUBLIC_KEY": PUBLIC_KEY,
        "TELNYX_API_KEY": "KEY",
        "TELNYX_BASE_URL": f"http://127.0.0.1:{telnyx}/v2",
        "HOST": "127.0.0.1",
        "PORT": str(web),
        "DURABILITY": "fsync",
        "DIALPLAN": str(ROOT / "dialplan.toml"),
        "RECORDINGS_URL": f"file://{folder / 'recordings'}",
        "LOG_LEVEL": "WARNING",
    }


def _play(**asked: float) -> Figures:
    words = msgspec.json.encode(msgspec.convert(asked, Asked)).decode()
    with Child(["-m", "bench.pipeline.outside", words]) as outside:
        figures = msgspec.json.decode(outside.output(), type=Figures)
    if figures.lost:
        raise RuntimeError(f"{figures.lost} commands lost")
    return figures


def _is_ready(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False)
    except httpx.TransportError:
        return False
    return True
