"""taskiq over Redis Streams, which acknowledges. `python -m bench.peers.taskiq_jobs noop 1000`."""

import asyncio
import os
import sys

from taskiq_redis import RedisStreamBroker

from bench.peers import jobs

broker = RedisStreamBroker(os.environ["REDIS_URL"])
noop = broker.task(task_name="noop")(jobs.noop_async)
fetch = broker.task(task_name="fetch")(jobs.fetch_async)


async def main(name: str, count: int) -> None:
    await broker.startup()
    task = {"noop": noop, "fetch": fetch}[name]
    for begin in range(0, count, 100):
        await asyncio.gather(*(task.kiq() for _ in range(min(100, count - begin))))
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
