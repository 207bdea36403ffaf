"""Seconds from SIGKILL of the worker that holds a job until another worker process has begun to run it again.

Two workers, each of one job at once, both up and idle; then one job; and all processes of the worker that takes it
are killed. Peers are set up for quick recovery as their documents say, on the premise that a job may take
`LONGEST_JOB_S`: those that know a dead worker only by how long its job takes would run longer ones twice.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import redis

from bench.child import ROOT, Child
from bench.side_by_side import Spread, percentile, spread
from bench.valkey import valkey
from bench.worker.contestants import ARQ, ENGINE, Contestant, fill
from bench.worker.contestants import contestants as workers

WITHIN_S: Final = 120.0
READY_WITHIN_S: Final = 30.0
LOOK_EVERY_S: Final = 0.005
SETTLED_S: Final = 0.5  # in it both workers see that they were let go, and ask for the next job
LONGEST_JOB_S: Final = 5
HEARTBEAT_MS: Final = 3000  # as long as a lease of ours; dramatiq's idle workers beat once a second
RENEWED_EVERY_S: Final = 1.0  # a lease of ours: kills are spread over that time

# What it is called here -> which worker of the other contests it is.
NAMES: Final[Mapping[str, str]] = {
    ENGINE: ENGINE,
    f"dramatiq (heartbeat_timeout {HEARTBEAT_MS / 1000:g} s)": "dramatiq",
    f"celery (visibility_timeout {LONGEST_JOB_S} s)": "celery (prefork)",
    f"arq (job_timeout {LONGEST_JOB_S} s)": "arq",
}


class Start(NamedTuple):
    """A run of the job that waits."""

    pid: int
    at: float  # of time.monotonic(), the same for all processes of a machine


def contestants() -> dict[str, Contestant]:
    known = workers(1)
    prefork = ["-m", "celery", "-A", "bench.peers.celery_jobs", "worker", "-c", "1", "--without-gossip"]
    known["celery (prefork)"] = Contestant([*prefork, "-P", "prefork"], "bench.peers.celery_jobs", 0, 0)
    return {here: known[name] for here, name in NAMES.items() if name != "arq" or ARQ}


@contextmanager
def surroundings() -> Iterator[tuple[dict[str, str], Path]]:
    """A context: the environment of every worker, and a folder."""
    with valkey() as (url, folder):
        env = {
            "REDIS_URL": url,
            "WORKER_CONCURRENCY": "1",
            "BENCH_CONCURRENCY": "1",
            "dramatiq_queue_prefetch": "1",
            "BENCH_LONGEST_JOB_S": str(LONGEST_JOB_S),
            "BENCH_HEARTBEAT_MS": str(HEARTBEAT_MS),
            "TELNYX_API_KEY": "KEY",
            "TELNYX_BASE_URL": "http://127.0.0.1:9/v2",
            "DIALPLAN": str(ROOT / "dialplan.toml"),
            "RECORDINGS_URL": f"file://{folder / 'recordings'}",
        }
        yield env, folder


def kills(
    name: str, one: Contestant, count: int, env: Mapping[str, str], folder: Path, say: Callable[[str], Any]
) -> dict[str, Spread]:
    """`count` of them, one after the other. A kill that could not be measured is said so, and left out."""
    took: list[float | None] = []
    for n in range(count):
        try:
            took.append(_kill(one, env, folder, (n + 0.5) / count * RENEWED_EVERY_S))
        except (RuntimeError, OSError) as reason:
            say(f"{name}: failed: {reason}")
            continue
        again = f"not within {WITHIN_S:g} s" if took[-1] is None else f"{took[-1]:.2f} s"
        say(f"kill {n + 1} of {count}  {name}: {again}")
    return figures(took)


def figures(took: Sequence[float | None]) -> dict[str, Spread]:
    """Of kills, each with the seconds until its job ran again, or None when that was given up."""
    if not took:
        return {}
    shown = {"kills": spread([len(took)])}
    if again := sorted(seconds for seconds in took if seconds is not None):
        shown |= {"s until it runs again": spread(again), "p99 s": spread([percentile(again, 0.99)])}
    return shown | {f"not within {WITHIN_S:g} s": spread([took.count(None)])}


def _kill(one: Contestant, env: Mapping[str, str], folder: Path, after_s: float) -> float | None:
    """`after_s` is how long the job has run when its worker is killed. None: nobody has run it again."""
    with redis.Redis.from_url(env["REDIS_URL"]) as client:
        client.flushall()
    with tempfile.TemporaryDirectory(dir=folder) as notes, ExitStack() as ends:
        held, let_go = Path(notes) / "held", Path(notes) / "let-go"
        its_env = {**env, "BENCH_COUNTS": notes}
        pair = [ends.enter_context(Child(one.worker, its_env, python=one.python)) for _ in range(2)]
        fill(one, "hold", 2, its_env)
        if not _until(lambda: len({_holder(pair, start.pid) for start in _starts(held)}) == 2, READY_WITHIN_S):
            raise RuntimeError(f"not both workers took a job within {READY_WITHIN_S:g} s")
        let_go.touch()
        time.sleep(SETTLED_S)
        let_go.unlink()
        before = len(_starts(held))
        fill(one, "hold", 1, its_env)
        if not _until(lambda: len(_starts(held)) > before, READY_WITHIN_S):
            raise RuntimeError(f"nobody took the job within {READY_WITHIN_S:g} s")
        first = _starts(held)[before]
        _until(lambda: time.monotonic() > first.at + after_s, after_s + 1)
        if len(_starts(held)) > before + 1:
            raise RuntimeError("the job was run twice before its worker was killed")
        victim = pair[_holder(pair, first.pid)]
        killed_at = time.monotonic()
        victim.kill()
        _until(lambda: len(_starts(held)) > before + 1, WITHIN_S)
        again = _starts(held)[before + 1 :]
        return again[0].at - killed_at if again else None


def _starts(held: Path) -> list[Start]:
    lines = held.read_text().splitlines() if held.exists() else []
    return [Start(int(pid), float(at)) for pid, _, at in (line.partition(" ") for line in lines)]


def _holder(pair: Sequence[Child], pid: int) -> int:
    """Which of the two runs a job in this process. Raises RuntimeError when neither does."""
    found = [n for n, worker in enumerate(pair) if pid in worker.family()]
    if not found:
        raise RuntimeError(f"process {pid} is of neither worker")
    return found[0]


def _until(holds: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_S)
    return True
