"""celery over Redis, acknowledging late as its guide asks of jobs that must not be lost.

A job of a worker that was killed is run again when its visibility timeout has ended, and so is one that only takes
longer. Where the longest job is told, the timeout is as long, and celery looks every second.

`python -m bench.peers.celery_jobs noop 1000`.
"""

import os
import sys

from celery import Celery

from bench.peers import jobs

LONGEST_JOB_S = int(os.environ.get("BENCH_LONGEST_JOB_S", "0"))
QUICK = {"visibility_timeout": LONGEST_JOB_S, "unacked_restore_interval": 1, "unacked_restore_throttle": 1}

app = Celery("bench", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1 if LONGEST_JOB_S else 4,
    broker_transport_options=QUICK if LONGEST_JOB_S else {"visibility_timeout": 30},
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)
noop = app.task(name="noop")(jobs.noop)
fetch = app.task(name="fetch")(jobs.fetch)
hold = app.task(name="hold")(jobs.hold)

if __name__ == "__main__":
    with app.producer_pool.acquire() as producer:
        for _ in range(int(sys.argv[2])):
            {"noop": noop, "fetch": fetch, "hold": hold}[sys.argv[1]].apply_async(producer=producer)
