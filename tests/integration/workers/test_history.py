"""When memory runs short, the oldest timelines go first; while it does not, nothing goes."""

import asyncio

import pytest
from redis.asyncio import Redis

from shared import queues
from workers.engine.history import BATCH, trim


@pytest.fixture
def server(own_valkey, client_of):
    client = client_of(own_valkey)
    for number in range(BATCH + 5):
        client.zadd(queues.CALLS, {f"call-{number:04}": number})
        client.rpush(queues.timeline_key(f"call-{number:04}"), b"an entry")
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
    assert client.zcard(queues.CALLS) == BATCH + 5


def test_the_oldest_timelines_go_first_when_memory_runs_short(server):
    valkey, client = server
    client.config_set("maxmemory", int(client.info("memory")["used_memory"] * 1.2))

    assert trimmed(valkey) == BATCH
    assert client.zrange(queues.CALLS, 0, -1) == [
        f"call-{number:04}".encode() for number in range(BATCH, BATCH + 5)
    ]
    assert not client.exists(queues.timeline_key("call-0000"))
    assert client.exists(queues.timeline_key(f"call-{BATCH:04}"))
