"""dramatiq over Redis, its own defaults but for the threads. `python -m bench.peers.dramatiq_jobs noop 1000`."""

import os
import sys

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from bench.peers import jobs

broker = RedisBroker(url=os.environ["REDIS_URL"])
dramatiq.set_broker(broker)
noop = dramatiq.actor(jobs.noop)
fetch = dramatiq.actor(jobs.fetch)

if __name__ == "__main__":
    for _ in range(int(sys.argv[2])):
        {"noop": noop, "fetch": fetch}[sys.argv[1]].send()
