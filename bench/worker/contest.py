"""Jobs a second through one worker process, what each costs, and its memory: ours and its peers."""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import redis

from bench.child import CORES, ROOT, Child
from bench.peers.jobs import counted
from bench.side_by_side import Measure
from console import embedded
from console.embedded import free_port

WORKER, REST = CORES[:1], CORES[1:] or CORES
ARQ: Final = os.environ.get("BENCH_ARQ_PYTHON", "")  # of the environment that has arq
LOOK_EVERY_S: Final = 0.02
IN_FLIGHT_ROUNDS: Final = 8  # so often a worker that is full is filled anew, while its memory is looked at
WITHIN_S: Final = 120.0


class Contestant(NamedTuple):
    """How its worker is started (N stands for the concurrency), who fills its queue, how many jobs are enough."""

    worker: list[str]
    fill: str
    noops: int
    fetches: int
    python: str = ""


def contestants(concurrency: int) -> dict[str, Contestant]:
    n = str(concurrency)
    celery = ["-m", "celery", "-A", "bench.peers.celery_jobs", "worker", "-c", n, "--without-gossip"]
    rq = ["-m", "rq.cli", "worker", "bench", "--quiet", "--worker-class"]
    told = {
        "Trunkline's engine": Contestant(["-m", "bench.worker.ours"], "bench.worker.ours", 12_000, 3_000),
        "RQ SimpleWorker": Contestant([*rq, "rq.SimpleWorker"], "bench.peers.rq_jobs", 600, 40),
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
        told["arq"] = Contestant(arq, "bench.peers.arq_jobs", 3_000, 2_000, ARQ)
    return told


@contextmanager
def contest(job: str, concurrency: int) -> Iterator[dict[str, Measure]]:
    """A context: `job` is noop or fetch; all run it on the same Valkey, which syncs before it answers."""
    with _surroundings(concurrency) as (env, folder):
        yield {name: partial(_measure, one, job, env, folder) for name, one in contestants(concurrency).items()}


@contextmanager
def memory(concurrency: int, most: int | None = None) -> Iterator[dict[str, Measure]]:
    """A context, of those workers that run so many jobs at once; of the first `most` of them."""
    with _surroundings(concurrency) as (env, folder):
        told = {name: one for name, one in contestants(concurrency).items() if not name.startswith("RQ ")}
        yield {name: partial(_memory, told[name], concurrency, env, folder) for name in list(told)[:most]}


@contextmanager
def _surroundings(concurrency: int) -> Iterator[tuple[dict[str, str], Path]]:
    """What every worker is told, and a folder."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        server = embedded.start(folder / "valkey")
        ends.callback(server.stop)
        port = free_port()
        ends.enter_context(Child(["-m", "bench.worker.slow", str(port)], cores=REST))
        env = {
            "REDIS_URL": f"{server.connection_url}/0",
            "BENCH_SLOW_PORT": str(port),
            "BENCH_CONCURRENCY": str(concurrency),
            "WORKER_CONCURRENCY": str(concurrency),
            "TELNYX_API_KEY": "KEY",
            "TELNYX_BASE_URL": f"http://127.0.0.1:{port}/v2",
            "DIALPLAN": str(ROOT / "dialplan.toml"),
            "RECORDINGS_URL": f"file://{folder / 'recordings'}",
        }
        yield env, folder


def _measure(one: Contestant, job: str, env: Mapping[str, str], folder: Path) -> dict[str, float]:
    """From the first job's end to the last one's, with the queue full before."""
    count = one.noops if job == "noop" else one.fetches
    with redis.Redis.from_url(env["REDIS_URL"]) as client, tempfile.TemporaryDirectory(dir=folder) as counts:
        client.flushall()
        told = {**env, "BENCH_COUNTS": counts}
        _fill(one, job, count, told)
        client.config_resetstat()
        with Child(one.worker, told, WORKER, python=one.python) as worker:
            worker.until(lambda: counted(Path(counts)), "the first job is done")
            begun, already, cpu_s = time.perf_counter(), counted(Path(counts)), worker.cpu_s()
            deadline = begun + WITHIN_S
            while (done := counted(Path(counts))) < count:
                if time.perf_counter() > deadline:
                    raise RuntimeError(f"{done} of {count} jobs in {WITHIN_S:g} s")
                time.sleep(LOOK_EVERY_S)
            took, used_s = time.perf_counter() - begun, worker.cpu_s() - cpu_s
            most_mb = worker.rss_mb()
        stats = client.info("stats")
    jobs = count - already
    return {
        "jobs/s": jobs / took,
        "CPU ms per job": used_s / jobs * 1000,
        "Redis commands per job": stats["total_commands_processed"] / count,
        "round trips per job": stats["total_reads_processed"] / count,
        "memory MB": most_mb,
    }


def _memory(one: Contestant, concurrency: int, env: Mapping[str, str], folder: Path) -> dict[str, float]:
    """Idle after its first job; then the most that was seen while it was full of jobs that wait for an answer."""
    count = concurrency * IN_FLIGHT_ROUNDS
    with redis.Redis.from_url(env["REDIS_URL"]) as client, tempfile.TemporaryDirectory(dir=folder) as counts:
        client.flushall()
        told = {**env, "BENCH_COUNTS": counts}
        _fill(one, "fetch", 1, told)
        with Child(one.worker, told, WORKER, python=one.python) as worker:
            worker.until(lambda: counted(Path(counts)), "the first job is done")
            idle_mb = worker.rss_mb()
            _fill(one, "fetch", count, told)
            most_mb = idle_mb

            def is_done() -> bool:
                nonlocal most_mb
                most_mb = max(most_mb, worker.rss_mb())
                return counted(Path(counts)) > count

            worker.until(is_done, "all jobs are done")
    return {
        "idle MB": idle_mb,
        f"MB at {concurrency} in flight": most_mb,
        "KB per job in flight": (most_mb - idle_mb) * 1024 / concurrency,
    }


def _fill(one: Contestant, job: str, count: int, env: Mapping[str, str]) -> None:
    with Child(["-m", one.fill, job, str(count)], env, python=one.python) as filling:
        filling.output()
