"""What a failover loses of what was acknowledged: an asynchronous one all that the replica had not received."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.relay import Relay
from tests.replicas import replica_of
from tests.signing import event_id_of, signed, webhook_body
from tests.waiting import wait_until

EVENTS = 20


@pytest.fixture
def link(own_valkey):
    """What the replica follows `own_valkey` over: `cut()` parts them, and neither notices at once."""
    one = Relay(own_valkey.port)
    yield one
    one.close()


@pytest.fixture
def replica(own_valkey, link, tmp_path, client_of):
    with replica_of(client_of(own_valkey), link.port, tmp_path / "replica") as server:
        yield server


def post(web):
    """Events at once; the ids of those that were acknowledged."""
    bodies = [webhook_body() for _ in range(EVENTS)]
    with ThreadPoolExecutor(EVENTS) as threads:
        replies = threads.map(
            lambda body: web.http.post("/webhooks/telnyx", content=body, headers=signed(body)), bodies
        )
        return {event_id_of(body) for body, reply in zip(bodies, replies, strict=True) if reply.status_code == 200}


@pytest.mark.parametrize(
    ("mode", "acknowledged_without_link"),
    [pytest.param("auto", EVENTS, id="auto"), pytest.param("replica", 0, id="replica")],
)
def test_what_was_acknowledged_while_the_replica_was_cut_off_is_lost_with_it_and_with_replica_none_is(
    own_valkey, link, replica, start_web, client_of, mode, acknowledged_without_link
):
    web = start_web(REDIS_URL=own_valkey.connection_url, DURABILITY=mode)
    promoted = client_of(replica)
    wait_until(lambda: web.http.get("/ready").status_code == 200, "ready")
    before = post(web)
    wait_until(lambda: promoted.llen("rq:queue:routing") == EVENTS, "the replica has them")

    link.cut()
    after = post(web)
    own_valkey.terminate()
    promoted.replicaof("no", "one")

    kept = {one.decode() for one in promoted.lrange("rq:queue:routing", 0, -1)}
    assert (len(before), len(after)) == (EVENTS, acknowledged_without_link)
    assert before <= kept
    assert (before | after) - kept == after


def test_a_primary_that_wants_a_replica_refuses_when_it_has_none(own_valkey, start_web, client_of):
    """The server's own way to bound the loss, `min-replicas-to-write`: nothing is acknowledged then."""
    web = start_web(REDIS_URL=own_valkey.connection_url)
    wait_until(lambda: web.http.get("/ready").status_code == 200, "ready")
    client_of(own_valkey).config_set("min-replicas-to-write", 1)

    assert post(web) == set()
    assert client_of(own_valkey).llen("rq:queue:routing") == 0


def test_a_replica_is_not_ready_and_acknowledges_nothing(replica, start_web):
    web = start_web(REDIS_URL=replica.connection_url)

    wait_until(lambda: web.http.get("/ready").json()["redis"] == "a replica", "it has seen what the server is")

    assert web.http.get("/ready").status_code == 503
    assert post(web) == set()
