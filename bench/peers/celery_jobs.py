"""celery over Redis, acknowledging late as its guide asks of jobs that must not be lost.

`python -m bench.peers.celery_jobs noop 1000`.
"""

import os
import sys

from celery import Celery

from bench.peers import jobs

app = Celery("bench", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=4,
    broker_transport_options={"visibility_timeout": 30},
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)
noop = app.task(name="noop")(jobs.noop)
fetch = app.task(name="fetch")(jobs.fetch)

if __name__ == "__main__":
    with app.producer_pool.acquire() as producer:
        for _ in range(int(sys.argv[2])):
            {"noop": noop, "fetch": fetch}[sys.argv[1]].apply_async(producer=producer)
