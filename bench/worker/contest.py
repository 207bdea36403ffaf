"""Jobs a second through one worker process, what each costs, and its memory: ours and its peers."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import redis

from bench.child import CORES, ROOT, Child
from bench.peers.jobs import counted
from bench.side_by_side import Measure
from bench.valkey import valkey
from bench.worker.contestants import Contestant, contestants, fill
from console.embedded import free_port

WORKER, REST = CORES[:1], CORES[1:] or CORES
LOOK_EVERY_S: Final = 0.02
IN_FLIGHT_ROUNDS: Final = 8  # jobs for each slot of a worker, while its memory is looked at
WITHIN_S: Final = 120.0


@contextmanager
def throughput(job: str, concurrency: int) -> Iterator[dict[str, Measure]]:
    """A context: `job` is noop or fetch; all run it on the same Valkey."""
    with _surroundings(concurrency) as (env, folder):
        yield {name: partial(_measure, one, job, env, folder) for name, one in contestants(concurrency).items()}


@contextmanager
def memory(concurrency: int, most: int | None = None) -> Iterator[dict[str, Measure]]:
    """A context: the workers that run so many jobs at once, or the first `most` of them."""
    with _surroundings(concurrency) as (env, folder):
        known = {name: one for name, one in contestants(concurrency).items() if not name.startswith("RQ ")}
        yield {name: partial(_memory, known[name], concurrency, env, folder) for name in list(known)[:most]}


@contextmanager
def _surroundings(concurrency: int) -> Iterator[tuple[dict[str, str], Path]]:
    """A context: the environment of every worker, and a folder."""
    port = free_port()
    with valkey() as (url, folder), Child(["-m", "bench.worker.slow", str(port)], cores=REST):
        env = {
            "REDIS_URL": url,
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
    """From the first job's end to the last one's; the queue is full before."""
    count = one.noops if job == "noop" else one.fetches
    with redis.Redis.from_url(env["REDIS_URL"]) as client, tempfile.TemporaryDirectory(dir=folder) as counts:
        client.flushall()
        its_env = {**env, "BENCH_COUNTS": counts}
        fill(one, job, count, its_env)
        client.config_resetstat()
        with Child(one.worker, its_env, WORKER, python=one.python) as worker:
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
        its_env = {**env, "BENCH_COUNTS": counts}
        fill(one, "fetch", 1, its_env)
        with Child(one.worker, its_env, WORKER, python=one.python) as worker:
            worker.until(lambda: counted(Path(counts)), "the first job is done")
            idle_mb = worker.rss_mb()
            fill(one, "fetch", count, its_env)
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
