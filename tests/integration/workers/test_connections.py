"""The pool of connections: what the server has closed is not handed out, and a crowd waits instead of failing."""

import asyncio

from shared import valkey as connections
from shared.settings import Settings
from tests.integration.workers.bench import run, until

CROWD = 10 * connections.CONNECTIONS


def at_once(url, count, between=None):
    """Ask for the time that often at once, twice; the second answers."""

    async def scenario():
        client = connections.connect(Settings(redis_url=url))
        await asyncio.gather(*(client.time() for _ in range(count)))
        if between:
            idle = client.connection_pool._available_connections
            between()
            await until(lambda: all(one._reader.at_eof() for one in idle), "the closing has arrived")
        answers = await asyncio.gather(*(client.time() for _ in range(count)), return_exceptions=True)
        await client.aclose()
        return answers

    return run(scenario())


def test_connections_that_the_server_has_closed_fail_no_command(url, valkey):
    def close_all():
        mine = valkey.client_id()
        for one in valkey.client_list():
            if int(one["id"]) != mine:
                valkey.client_kill_filter(_id=one["id"])

    answers = at_once(url, 8, close_all)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []


def test_more_commands_at_once_than_connections_wait_for_one(url, valkey):
    answers = at_once(url, CROWD)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert valkey.info("clients")["connected_clients"] <= connections.CONNECTIONS + 2
