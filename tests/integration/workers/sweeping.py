"""Sweeping once, and what it finds: the jobs of a worker that is never heard of again."""

from shared import queues
from shared import valkey as connections
from shared.settings import Settings
from tests.integration.workers import taking
from tests.integration.workers.bench import exchange, run
from workers.engine.sweep import Sweep

QUEUE, LEASES = queues.queue_key("routing"), queues.lease_key("routing")
SCHEDULE, INTERMEDIATE = queues.schedule_key("routing"), queues.intermediate_key("routing")
FIRST_SEEN = "trunkline:intermediate:routing"


def sweep(url, times=1):
    async def scenario():
        client = connections.connect(Settings(redis_url=url))
        for _ in range(times):
            await Sweep(client, "routing").once()
        await client.aclose()

    run(scenario())


def take(url):
    """A worker takes jobs and is never heard of again."""

    async def scenario():
        async with exchange(url, "dead") as one:
            return await taking.take(one)

    return run(scenario())


def queued(valkey):
    return [job_id.decode() for job_id in valkey.lrange(QUEUE, 0, -1)]


def let_a_second_pass(valkey):
    """For the ids that a sweep has seen in the intermediate list."""
    for job_id in valkey.hkeys(FIRST_SEEN):
        valkey.hincrbyfloat(FIRST_SEEN, job_id, -1.0)
