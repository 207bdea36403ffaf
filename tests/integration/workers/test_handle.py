"""Applying: what happened is applied to its call once, and no worker writes over what another has learned."""

import asyncio

from shared import queues
from shared.events import read_envelope
from tests.integration.workers.bench import incoming, noted, parts, run
from workers.delivery.entries import Times


async def apply(worker, body):
    await worker.handler.webhook(read_envelope(body), body, Times())


async def the_only_call(worker):
    (call_id,) = await worker.client.zrange(queues.CALLS, 0, -1)
    return await worker.store.load_call(call_id.decode())


def test_an_event_that_is_run_more_than_once_is_applied_once(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            body = noted()
            await asyncio.gather(apply(a, body), apply(b, body))
            await apply(b, body)
            return await the_only_call(a)

    loaded = run(scenario())

    assert loaded.version == 1
    assert valkey.llen(queues.timeline_key(loaded.id)) == 1


def test_no_worker_writes_over_what_another_has_learned_of_a_call(url):
    legs = [f"leg-{n}" for n in range(20)]

    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            bodies = [incoming("hot", call_leg_id=leg, direction="outgoing") for leg in legs]
            await asyncio.gather(*(apply((a, b)[n % 2], body) for n, body in enumerate(bodies)))
            return await the_only_call(a)

    assert set(run(scenario()).call.legs) == set(legs)
