"""Keys of a wrong type, and what else Valkey may have forgotten: one event fails alone, or nothing does."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.signing import event_id_of, signed, webhook_body


def post(web, body):
    return web.http.post("/webhooks/telnyx", content=body, headers=signed(body))


def stat(valkey, name):
    return int(valkey.hget("trunkline:stats", name) or 0)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda valkey, event_id: valkey.set(f"rq:job:{event_id}", "x"),
        lambda valkey, _: valkey.set("rq:queue:routing", "x"),
        lambda valkey, _: valkey.set("trunkline:pending:routing", "x"),
        lambda valkey, _: valkey.set("rq:queues", "x"),
        lambda valkey, _: valkey.set("trunkline:stats", "x"),
        lambda valkey, _: valkey.hset("trunkline:stats", "accepted", "x"),
    ],
    ids=["job", "queue", "pending set", "set of queues", "counters", "accepted counter"],
)
def test_a_key_of_a_wrong_type_is_503_and_leaves_nothing_of_the_event(web, valkey, break_it):
    body = webhook_body()
    break_it(valkey, event_id_of(body))
    before = everything(valkey)

    reply = post(web, body)

    assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
    assert everything(valkey) == before

    valkey.flushdb()
    assert post(web, body).status_code == 200  # accepted when Telnyx tries again
    assert valkey.llen("rq:queue:routing") == 1


def everything(valkey):
    """Each key with its content; without RQ's set of queues, which names no event, unless it is broken itself."""
    keys = [key for key in valkey.scan_iter() if key != b"rq:queues" or valkey.type(key) != b"set"]
    return {key: valkey.dump(key) for key in keys}


def test_an_event_that_cannot_be_kept_in_quarantine_is_not_refused_for_good(web, valkey):
    valkey.set("trunkline:quarantine", "of a wrong type")

    assert post(web, b"{}").status_code == 503
    assert stat(valkey, "quarantined") == 0


def test_a_wrong_type_hides_no_other_event_of_its_batch(web, valkey):
    valkey.set("rq:queue:recording", "x")
    bodies = [webhook_body(kind) for kind in ("call.initiated", "call.recording.saved") for _ in range(10)]

    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(lambda body: post(web, body).status_code, bodies))

    assert statuses == [200] * 10 + [503] * 10
    assert valkey.llen("rq:queue:routing") == 10
    assert len(valkey.keys("rq:job:*")) == stat(valkey, "accepted") == 10


def test_a_dedupe_key_of_another_type_is_not_believed(web, valkey):
    body = webhook_body()
    valkey.rpush(f"trunkline:seen:{event_id_of(body)}", "x")

    assert post(web, body).status_code == 200
    assert valkey.llen("rq:queue:routing") == 1


def test_a_forgotten_script_is_loaded_again(web, valkey):
    post(web, webhook_body())
    valkey.script_flush()

    assert post(web, webhook_body()).status_code == 200


def test_a_dropped_connection_is_remade_within_the_request(own_valkey, client_of, start_web):
    web = start_web(REDIS_URL=own_valkey.connection_url)
    post(web, webhook_body())
    client_of(own_valkey).client_kill_filter(_type="normal", skipme=True)

    assert post(web, webhook_body()).status_code == 200
