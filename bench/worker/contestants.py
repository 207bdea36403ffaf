"""The workers that are compared: how each is started, and who fills its queue."""

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

from bench.child import Child

ARQ: Final = os.environ.get("BENCH_ARQ_PYTHON", "")  # of the environment that has arq
ENGINE: Final = "Trunkline's engine"
SIMPLE_WORKER: Final = "RQ SimpleWorker"


class Contestant(NamedTuple):
    """How its worker is started (N stands for the concurrency), who fills its queue, how many jobs are enough."""

    worker: list[str]
    fill: str
    noops: int
    fetches: int
    python: str = ""


def contestants(concurrency: int) -> dict[str, Contestant]:
    """All of them; arq where the environment names a Python that has it."""
    n = str(concurrency)
    celery = ["-m", "celery", "-A", "bench.peers.celery_jobs", "worker", "-c", n, "--without-gossip"]
    rq = ["-m", "rq.cli", "worker", "bench", "--quiet", "--worker-class"]
    known = {
        ENGINE: Contestant(["-m", "bench.worker.ours"], "bench.worker.ours", 12_000, 3_000),
        SIMPLE_WORKER: Contestant([*rq, "rq.SimpleWorker"], "bench.peers.rq_jobs", 600, 40),
        "RQ Worker (forks)": Contestant([*rq, "rq.Worker"], "bench.peers.rq_jobs", 200, 30),
        "dramatiq": Contestant(
            ["-m", "dramatiq", "bench.peers.dramatiq_jobs", "--processes", "1", "--threads", n],
            "bench.peers.dramatiq_jobs",
            5_000,
            2_000,
        ),
        "taskiq (Streams)": Contestant(
            ["-m", "taskiq", "worker", "bench.peers.taskiq_jobs:broker", "--workers", "1", "--max-async-tasks", n],
            "bench.peers.taskiq_jobs",
            5_000,
            2_000,
        ),
        "celery (threads)": Contestant([*celery, "-P", "threads"], "bench.peers.celery_jobs", 2_000, 1_000),
        "celery (gevent)": Contestant([*celery, "-P", "gevent"], "bench.peers.celery_jobs", 2_000, 1_000),
    }
    if ARQ:
        arq = ["-m", "arq", "bench.peers.arq_jobs.WorkerSettings"]
        known["arq"] = Contestant(arq, "bench.peers.arq_jobs", 3_000, 2_000, ARQ)
    return known


def fill(one: Contestant, job: str, count: int, env: Mapping[str, str]) -> None:
    """Put so many jobs of that name into its queue. Raises RuntimeError."""
    with Child(["-m", one.fill, job, str(count)], env, python=one.python) as filling:
        filling.output()
