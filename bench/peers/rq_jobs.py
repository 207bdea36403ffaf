"""RQ as it comes: SimpleWorker, or Worker, which forks. `python -m bench.peers.rq_jobs noop 1000`."""

import os
import sys

from redis import Redis
from rq import Queue

from bench.peers import jobs


def enqueue(name: str, count: int) -> None:
    queue = Queue("bench", connection=Redis.from_url(os.environ["REDIS_URL"]))
    function = getattr(jobs, name)
    for begin in range(0, count, 500):
        many = [Queue.prepare_data(function, result_ttl=0) for _ in range(min(500, count - begin))]
        queue.enqueue_many(many)


if __name__ == "__main__":
    enqueue(sys.argv[1], int(sys.argv[2]))
