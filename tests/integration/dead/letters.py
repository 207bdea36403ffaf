"""Jobs that the workers' own scripts have parked."""

import json

from shared import queues
from tests.integration.workers.bench import accept, exchange, noted, run
from workers.engine.job import Park

GROUPED = "lost its patience after N tries, with call ID"
REASONS = [
    f"lost its patience after {n} tries, with call 0b54c3e2-78aa-5b62-94d0-f8873e1e4c8{n}" for n in range(3)
]


def told(dead, *words):
    """The document that a command answers with."""
    code, text = dead(*words, "--json")
    assert code == 0, text
    return json.loads(text)


def park(url, *reasons, kind="routing"):
    """Take as many jobs from the queue, and park each with its reason, by the workers' own scripts."""

    async def scenario():
        async with exchange(url, "worker-a", kind) as one:
            jobs = (await one.trip([], 0.0, 1_000, [])).taken
            assert len(jobs) == len(reasons)
            await one.trip([(job, Park(reason)) for job, reason in zip(jobs, reasons, strict=True)], 0.0, 0, [])

    run(scenario())


def parked(url, *bodies):
    """Accept these webhooks and park them; their ids."""
    ids = run(accept(url, *bodies))
    park(url, *REASONS[: len(bodies)])
    return ids


def broken(url, valkey):
    """An accepted event whose hash is of a wrong type when its worker takes it; its id."""
    (job_id,) = run(accept(url, noted()))
    valkey.delete(queues.job_key(job_id))
    valkey.lpush(queues.job_key(job_id), "a list")

    async def scenario():
        async with exchange(url, "worker-a") as one:
            await one.trip([], 0.0, 32, [])

    run(scenario())
    return job_id
