"""dramatiq over Redis, its own defaults but for the threads. `python -m bench.peers.dramatiq_jobs noop 1000`.

A job is run again when its worker has not beaten for a minute and some command happens to look, one in a thousand;
`BENCH_HEARTBEAT_MS` shortens the one and lets every command look.
"""

import os
import sys

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from bench.peers import jobs

HEARTBEAT_MS = int(os.environ.get("BENCH_HEARTBEAT_MS", "0"))
QUICK = {"heartbeat_timeout": HEARTBEAT_MS, "maintenance_chance": 1_000_000} if HEARTBEAT_MS else {}

broker = RedisBroker(url=os.environ["REDIS_URL"], **QUICK)
dramatiq.set_broker(broker)
noop = dramatiq.actor(jobs.noop)
fetch = dramatiq.actor(jobs.fetch)
hold = dramatiq.actor(jobs.hold)

if __name__ == "__main__":
    for _ in range(int(sys.argv[2])):
        {"noop": noop, "fetch": fetch, "hold": hold}[sys.argv[1]].send()
