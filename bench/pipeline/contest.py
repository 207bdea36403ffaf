"""Webhook to command, and calls a second, of a whole fleet: ours, and the plain one with as many processes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import redis

from bench.child import ROOT, Child
from bench.ingress.contest import FLASK_APP
from bench.ingress.load import PUBLIC_KEY
from bench.pipeline.outside import Asked, Figures
from bench.side_by_side import Measure
from bench.valkey import valkey
from bench.web import at_port, listens
from console.embedded import free_port
from shared.queues import queue_key

CALLS_AT_ONCE: Final = 100  # to find the peak
SHARES: Final = (0.2, 0.5, 0.8)  # of the peak
QUEUE: Final = queue_key("routing")  # of both fleets: our engine keeps its jobs under RQ's own keys
RQ: Final = ["-m", "rq.cli", "worker", "routing", "--quiet", "--worker-class", "rq.SimpleWorker"]


class Fleet(NamedTuple):
    """The command lines of its processes; PORT stands for the web process's port."""

    web: list[str]
    workers: list[list[str]]


OURS: Final = Fleet(["-m", "ingress"], [["-m", "workers", "routing"]])
PLAIN: Final = Fleet(FLASK_APP, [RQ])
OURS_AT_ONCE: Final = "Trunkline, Telnyx answers at once"
PLAIN_AT_ONCE: Final = "Flask, SDK, RQ SimpleWorker, at once"


@contextmanager
def contestants(seconds: float) -> Iterator[dict[str, Measure]]:
    """A context; all have the same Valkey, and Telnyx answers after 0, 50 or 100 ms."""
    with valkey() as (url, folder):
        yield {
            OURS_AT_ONCE: partial(measure, OURS, url, folder, seconds, 0.0),
            "Trunkline, Telnyx answers in 50 ms": partial(measure, OURS, url, folder, seconds, 0.05),
            "Trunkline, Telnyx answers in 100 ms": partial(measure, OURS, url, folder, seconds, 0.1),
            PLAIN_AT_ONCE: partial(measure, PLAIN, url, folder, seconds, 0.0),
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
    web, telnyx = free_port(), free_port()
    env = environment(redis_url, folder, web, telnyx)
    with ExitStack() as ends:
        client = ends.enter_context(redis.Redis.from_url(redis_url))
        client.flushall()
        prepare(client)
        processes = [ends.enter_context(Child(at_port(fleet.web, web), env))]
        processes += [ends.enter_context(Child(worker, env)) for worker in fleet.workers]
        processes[0].until(lambda: listens(web), "the web process listens")

        def play(rate: float, seconds: float = seconds) -> Figures:
            figures = _play(Asked(web, telnyx, seconds, rate, CALLS_AT_ONCE, answers_in))
            # The last calls' hangups still wait: the next calls must not wait behind them.
            processes[-1].until(lambda: not client.llen(QUEUE), "the queue is empty")
            return figures

        play(0.0, 1.0)  # warm
        peak = play(0.0)
        at_shares = {share: play(peak.calls / peak.seconds * share) for share in shares}
        memory = sum(process.rss_mb() for process in processes)
    return {"calls/s": peak.calls / peak.seconds} | _percentiles(at_shares) | {"memory MB": memory}


def _percentiles(at_shares: Mapping[float, Figures]) -> dict[str, float]:
    return {
        f"{percentile} ms at {share:.0%}": getattr(at, f"{percentile}_ms")
        for share, at in at_shares.items()
        for percentile in ("p50", "p95", "p99")
    }


def environment(redis_url: str, folder: Path, web: int, telnyx: int) -> dict[str, str]:
    """What a fleet is told; `web` and `telnyx` are ports."""
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


def _play(asked: Asked) -> Figures:
    with Child(["-m", "bench.pipeline.outside", msgspec.json.encode(asked).decode()]) as outside:
        figures = msgspec.json.decode(outside.output(), type=Figures)
    if figures.lost:
        raise RuntimeError(f"{figures.lost} commands lost")
    return figures
