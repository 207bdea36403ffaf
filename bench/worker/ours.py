"""A routing worker as it is deployed, that also knows the contest's jobs; or what puts those into its queue.

`python -m bench.worker.ours`, and `python -m bench.worker.ours noop 1000`.
"""

import asyncio
import os
import sys
import time
from typing import Final
from uuid import uuid4

from bench.peers import jobs as contest
from shared import enqueue, queues, valkey
from shared.queues import Entry, JobArgs
from shared.settings import Settings
from workers.__main__ import main
from workers.engine import jobs
from workers.engine.job import Done, Job, Verdict
from workers.engine.jobs import Desk

ONE_SCRIPT: Final = 64  # jobs, as the ingress does it


async def noop(_desk: Desk, _job: Job, _args: JobArgs, _started: float) -> Verdict:
    await contest.noop_async()
    return Done()


async def fetch(_desk: Desk, _job: Job, _args: JobArgs, _started: float) -> Verdict:
    await contest.fetch_async()
    return Done()


async def hold(_desk: Desk, _job: Job, _args: JobArgs, _started: float) -> Verdict:
    await contest.hold_async()
    return Done()


async def fill(name: str, count: int) -> None:
    client = valkey.connect(Settings.for_console(os.environ, required=("REDIS_URL",)))
    for begin in range(0, count, ONE_SCRIPT):
        await enqueue.enqueue(client, [_entry(name) for _ in range(min(ONE_SCRIPT, count - begin))])
    await client.aclose()


def _entry(name: str) -> Entry:
    event = str(uuid4())
    data = queues.job_data(f"bench.{name}", time.time(), b"{}")
    return Entry(queues.seen_key(event), "1", event, "routing", "bench", data)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(fill(sys.argv[1], int(sys.argv[2])))
    else:
        jobs.FUNCTIONS.update({"bench.noop": noop, "bench.fetch": fetch, "bench.hold": hold})
        sys.argv[1:] = ["routing"]
        os._exit(main())
