"""arq, with an older redis-py in an environment of its own. `python -m bench.peers.arq_jobs noop 1000`.

A job of a worker that was killed is run again 10 s after its `job_timeout`, which counts from its start.
"""

import asyncio
import os
import sys
from typing import Any

from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import func

from bench.peers import jobs


async def noop(_context: dict[Any, Any]) -> None:
    await jobs.noop_async()


async def fetch(_context: dict[Any, Any]) -> None:
    await jobs.fetch_async()


async def hold(_context: dict[Any, Any]) -> None:
    await jobs.hold_async()


class WorkerSettings:
    """What `arq bench.peers.arq_jobs.WorkerSettings` runs."""

    functions = [func(noop, keep_result=0), func(fetch, keep_result=0), func(hold, keep_result=0)]  # noqa: RUF012 - arq's own way
    redis_settings = RedisSettings.from_dsn(os.environ["REDIS_URL"])
    max_jobs = int(os.environ.get("BENCH_CONCURRENCY", "100"))
    poll_delay = 0.05
    job_timeout = int(os.environ.get("BENCH_LONGEST_JOB_S", "30"))


async def main(name: str, count: int) -> None:
    pool = await create_pool(WorkerSettings.redis_settings)
    for begin in range(0, count, 100):
        await asyncio.gather(*(pool.enqueue_job(name) for _ in range(min(100, count - begin))))
    await pool.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
