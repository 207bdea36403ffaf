"""When memory runs short, the oldest timelines go first; while it does not, nothing goes."""

import asyncio

import pytest
from redis.asyncio import Redis

from shared import queues
from workers.engine.history import BATCH, FULL, trim

ENTRY = b"an entry" * 1_000
BATCHES = 3  # and some more calls


@pytest.fixture
def server(own_valkey, client_of):
    client = client_of(own_valkey)
    with client.pipeline(transaction=False) as pipe:
        for number in range(BATCHES * BATCH + 5):
            pipe.zadd(queues.CALLS, {f"call-{number:04}": number})
            pipe.rpush(queues.timeline_key(f"call-{number:04}"), ENTRY)
        pipe.execute()
    client.connection_pool.disconnect()  # whose buffer the server counts, until it drops it some time
    return own_valkey, client


def trimmed(server) -> int:
    async def once() -> int:
        async with Redis.from_url(server.connection_url) as client:
            return await trim(client)

    return asyncio.run(once())


@pytest.mark.parametrize("maximum", ["0", "1gb"])
def test_nothing_goes_while_there_is_room(server, maximum):
    valkey, client = server
    client.config_set("maxmemory", maximum)

    assert trimmed(valkey) == 0
    assert client.zcard(queues.CALLS) == BATCHES * BATCH + 5


def test_the_oldest_timelines_go_first_until_there_is_room(server):
    valkey, client = server
    used = client.info("memory")["used_memory"]
    too_many = 1.5 * BATCH * len(ENTRY)  # two batches make room
    client.config_set("maxmemory", int((used - too_many) / FULL))

    assert client.info("memory")["maxmemory"] < used  # it is not only short, but full
    assert trimmed(valkey) == 2 * BATCH
    left = range(2 * BATCH, BATCHES * BATCH + 5)
    assert client.zrange(queues.CALLS, 0, -1) == [f"call-{number:04}".encode() for number in left]
    assert not client.exists(queues.timeline_key(f"call-{left[0] - 1:04}"))
    assert client.exists(queues.timeline_key(f"call-{left[0]:04}"))
