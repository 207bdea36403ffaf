"""What a process has counted arrives in Valkey once, whatever becomes of the replies."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared import metrics, queues
from shared.flush import Flush
from tests.processes import embedded_valkey, free_port

SILENT = "resends_total|silence"


@pytest.fixture(autouse=True)
def _nothing_is_counted_yet():
    metrics.take()


def kept(valkey):
    return {field.decode(): int(n) for field, n in valkey.hgetall(queues.METRICS).items()}


def in_a_loop(url, scenario):
    async def run():
        client = Redis.from_url(url, socket_timeout=1.0)
        try:
            await scenario(client)
        finally:
            await client.aclose()

    asyncio.run(run())


def test_the_counts_of_processes_add_up_and_those_of_a_minute_are_forgotten(redis_url, valkey):
    async def two_processes(client):
        for flush in (Flush(client), Flush(client)):
            metrics.RESENDS.add("silence", n=3)
            await flush.once()
            await flush.once()

    in_a_loop(redis_url, two_processes)

    assert kept(valkey) == {SILENT: 6}
    minutes = valkey.keys(f"{queues.METRICS_MINUTE}*")
    assert sum(int(valkey.hget(minute, SILENT)) for minute in minutes) == 6
    assert all(0 < valkey.ttl(minute) <= queues.METRICS_MINUTE_S for minute in minutes)


def test_a_batch_whose_reply_is_lost_is_sent_again_and_added_once(redis_url, valkey):
    async def interrupted(client):
        flush = Flush(client)
        metrics.RESENDS.add("silence")
        await flush.once()
        batch = {SILENT: 5}
        metrics.RESENDS.add("silence", n=5)
        await flush.once()
        flush._batch = batch  # as it is left when no reply comes
        metrics.RESENDS.add("silence", n=7)
        await flush.once()
        await flush.once()

    in_a_loop(redis_url, interrupted)

    assert kept(valkey) == {SILENT: 13}


def test_what_is_counted_while_the_server_is_away_comes_later(tmp_path):
    server = embedded_valkey(tmp_path, port=free_port())
    server.start()

    async def away(client):
        flush = Flush(client)
        metrics.RESENDS.add("silence")
        await asyncio.to_thread(server.stop)
        for _ in range(3):
            metrics.RESENDS.add("silence")
            with pytest.raises((RedisError, OSError)):
                await flush.once()
        await asyncio.to_thread(server.start)
        await flush.last()
        assert int(await client.hget(queues.METRICS, SILENT)) == 4

    try:
        in_a_loop(server.connection_url, away)
    finally:
        server.stop()


def test_a_key_of_a_wrong_type_adds_nothing_twice(redis_url, valkey):
    async def broken(client):
        flush = Flush(client)
        metrics.RESENDS.add("silence")
        await client.set(queues.METRICS, "what?")
        for _ in range(2):
            with pytest.raises(RedisError):
                await flush.once()
        await client.delete(queues.METRICS)
        await flush.once()

    in_a_loop(redis_url, broken)

    assert kept(valkey) == {SILENT: 1}
