"""Group commit: what waits together goes in few scripts of bounded size, and each gets its own answer."""

import asyncio
from contextlib import suppress

import pytest
import redis

from ingress.durable import DurableWrites
from ingress.group_commit import CAPACITY, GroupCommit
from ingress.ready import DurabilityWatch
from shared import valkey as valkey_connections
from shared.enqueue import entry_of
from shared.errors import Unavailable
from shared.events import read_envelope
from shared.queues import Entry
from shared.settings import Settings
from tests.processes import embedded_valkey
from tests.signing import webhook_body


@pytest.fixture(scope="module")
def server_url(tmp_path_factory):
    """A server for this module alone, since its statistics are counted."""
    with embedded_valkey(tmp_path_factory.mktemp("group-commit")) as server:
        yield server.connection_url


@pytest.fixture
def server(server_url):
    with redis.Redis.from_url(server_url) as client:
        client.flushdb()
        yield client


def entry(number, data=b"x", once_value="1"):
    return Entry(f"trunkline:seen:{number}", once_value, f"event-{number}", "routing", "call.initiated", data)


def accept_all(url, entries, given_up=()):
    """Let all of them wait before the first is written; their results or errors, in order.

    Those that have given up were there before, and waited in vain: nobody wrote.
    """

    async def accept():
        client = valkey_connections.connect(Settings(redis_url=url))
        watch = DurabilityWatch(client, "auto")
        commit = GroupCommit(DurableWrites(client, watch), watch)
        await asyncio.gather(*map(commit.accept, given_up), return_exceptions=True)
        waiting = [asyncio.create_task(commit.accept(one)) for one in entries]
        await asyncio.sleep(0)
        running = asyncio.create_task(commit.run())
        results = await asyncio.gather(*waiting, return_exceptions=True)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await client.aclose()
        return results

    return asyncio.run(accept())


def scripts_run(server):
    return server.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0)


@pytest.mark.parametrize(
    ("entries", "scripts"),
    [
        pytest.param([entry(i) for i in range(64)], 1, id="64 events"),
        pytest.param([entry(i) for i in range(130)], 3, id="130 events"),
        pytest.param([entry(i, bytes(40 * 1024)) for i in range(7)], 3, id="3 of 40 KB are below 128 KB"),
        pytest.param([entry(i, bytes(256 * 1024)) for i in range(2)], 2, id="one may be larger alone"),
    ],
)
def test_what_waits_goes_in_scripts_of_64_events_or_128_kb(server_url, server, entries, scripts):
    server.config_resetstat()

    results = accept_all(server_url, entries)

    assert [result.is_new for result in results] == [True] * len(entries)
    assert scripts_run(server) == scripts
    assert server.lrange("rq:queue:routing", 0, -1) == [one.job_id.encode() for one in entries]


def test_each_of_a_batch_gets_its_own_answer(server_url, server):
    server.set("rq:job:event-1", "of a wrong type")

    new, refused, first, second = accept_all(
        server_url, [entry(0), entry(1), entry(2, once_value="first"), entry(2, once_value="second")]
    )

    assert (new.is_new, first.is_new, second.is_new) == (True, True, False)
    assert isinstance(refused, Unavailable)
    assert second.once_value == "first"


def test_the_waiting_list_is_bounded(server_url, server):
    results = accept_all(server_url, [entry(i) for i in range(CAPACITY + 10)])

    refused = [result for result in results if str(result) == "too much is waiting"]
    assert len(refused) == 10
    assert results[-10:] == refused
    assert server.llen("rq:queue:routing") <= CAPACITY  # a busy machine may not write all within the second


def test_who_has_given_up_makes_room_for_who_comes(server_url, server):
    (stored,) = accept_all(server_url, [entry("late")], given_up=[entry(i) for i in range(CAPACITY)])

    assert stored.is_new
    assert server.lrange("rq:queue:routing", 0, -1) == [b"event-late"]


def test_nothing_is_accepted_before_the_server_has_replied(server_url, server):
    server.client_pause(300, all=False)

    (stored,) = accept_all(server_url, [entry(0)])

    assert server.llen("rq:queue:routing") == 1
    assert stored.is_new


def test_an_event_whose_job_is_done_is_still_a_duplicate(server_url, server):
    body = webhook_body()
    first, again = (entry_of(read_envelope(body), 0.0, body) for _ in range(2))

    (stored,) = accept_all(server_url, [first])
    server.delete(f"rq:job:{first.job_id}", "rq:queue:routing")
    (repeated,) = accept_all(server_url, [again])

    assert (stored.is_new, repeated.is_new) == (True, False)
    assert server.llen("rq:queue:routing") == 0
