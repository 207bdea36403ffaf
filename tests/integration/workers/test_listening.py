"""What a worker hears through Redis, and that it notices when it can hear nothing any more."""

import asyncio
from urllib.parse import urlsplit

import pytest
from redis.exceptions import ConnectionError as Away

from shared import queues
from shared import valkey as connections
from shared.settings import Settings
from tests.integration.workers.bench import run, until
from tests.relay import Relay
from workers.engine.listening import listen

WORKER = "worker-a"
NUDGES = queues.nudge_channel(WORKER)


@pytest.fixture
def way(url):
    relay = Relay(urlsplit(url).port)
    yield relay
    relay.close()


async def listening(way, valkey, then):
    """What was heard while `then` ran beside a listener; its end is the listener's, where it ends first."""
    heard = []
    client = connections.connect(Settings(redis_url=f"redis://127.0.0.1:{way.port}"))
    task = asyncio.create_task(listen(client, WORKER, heard.append, lambda: heard.append("shutdown")))
    try:
        await until(lambda: dict(valkey.pubsub_numsub(NUDGES))[NUDGES.encode()], "it listens")
        await then(task, heard)
    finally:
        task.cancel()
        await asyncio.wait({task})
        await client.aclose()
    return heard


def test_a_nudge_and_a_shutdown_are_heard_after_a_while_of_silence(way, valkey):
    async def speak(task, heard):
        before = valkey.info("commandstats")["cmdstat_ping"]["calls"]
        await until(lambda: valkey.info("commandstats")["cmdstat_ping"]["calls"] > before + 1, "it was silent")
        valkey.publish(NUDGES, "call-1")
        valkey.publish(queues.rq_command_channel(WORKER), '{"command": "shutdown"}')
        await until(lambda: len(heard) == 2 or task.done(), "both are heard")

    assert run(listening(way, valkey, speak)) == ["call-1", "shutdown"]


def test_a_connection_that_is_dead_without_a_word_is_noticed(way, valkey):
    async def go_silent(task, _heard):
        way.hold()
        with pytest.raises(Away, match="silent"):
            await task

    assert run(listening(way, valkey, go_silent)) == []
