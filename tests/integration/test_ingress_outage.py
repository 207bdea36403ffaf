"""When the server is away or keeps too little: 503 within a second, and the same event accepted later."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.processes import embedded_valkey
from tests.signing import event_id_of, signed, webhook_body
from tests.waiting import wait_until

CALL = {"profile": "reminder", "to": "+13125550123", "variables": {"name": "Ann", "when": "today"}}
CALL_HEADERS = {"authorization": "Bearer a-token", "idempotency-key": "k"}


def post(web, body):
    return web.http.post("/webhooks/telnyx", content=body, headers=signed(body))


def assert_refused_in_time(web, body):
    begun = time.monotonic()
    reply = post(web, body)
    seconds = time.monotonic() - begun

    assert (reply.status_code, reply.headers["retry-after"], reply.content) == (503, "1", b"")
    assert seconds < 2  # 1 s, and a margin for a busy machine


def test_without_a_server_the_process_starts_refuses_in_time_and_accepts_when_it_comes(own_valkey, start_web):
    url = own_valkey.connection_url
    own_valkey.stop()
    web = start_web(REDIS_URL=url)
    body = webhook_body()

    with ThreadPoolExecutor(3) as threads:
        # An unreadable event is not refused for good either, since it could not be kept.
        refused = [threads.submit(assert_refused_in_time, web, content) for content in (body, b"{}")]
        call = threads.submit(web.http.post, "/calls", json=CALL, headers=CALL_HEADERS)
    assert [future.result() for future in refused] == [None, None]
    assert call.result().status_code == 503
    assert web.http.get("/health").json() == {"status": "ok"}
    not_ready = web.http.get("/ready")
    assert (not_ready.status_code, not_ready.json()["redis"]) == (503, "unreachable")
    assert "redis_unreachable" in web.output

    own_valkey.start()
    wait_until(lambda: post(web, body).status_code == 200, "the event is accepted")
    assert web.http.get("/ready").status_code == 200


def test_a_server_that_restarts_is_used_again_within_two_seconds_and_has_every_acknowledged_event(
    own_valkey, start_web, client_of
):
    web = start_web(REDIS_URL=own_valkey.connection_url, DURABILITY="fsync")
    before, after = webhook_body(), webhook_body()
    wait_until(lambda: post(web, before).status_code == 200, "the event is accepted")
    own_valkey.terminate()  # SIGKILL
    assert_refused_in_time(web, after)
    assert web.http.get("/ready").status_code == 503

    own_valkey.start()
    begun = time.monotonic()
    wait_until(lambda: post(web, after).status_code == 200, "the event is accepted")

    assert time.monotonic() - begun < 2
    ids = [event_id_of(body).encode() for body in (before, after)]
    assert client_of(own_valkey).lrange("rq:queue:routing", 0, -1) == ids


def test_a_server_that_hangs_is_503_in_time_and_the_retry_makes_no_second_job(own_valkey, start_web, client_of):
    web = start_web(REDIS_URL=own_valkey.connection_url)
    bodies = [webhook_body() for _ in range(10)]
    assert post(web, bodies[0]).status_code == 200

    own_valkey._process.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda body: assert_refused_in_time(web, body), bodies))
    own_valkey._process.send_signal(signal.SIGCONT)

    for body in bodies:
        wait_until(lambda body=body: post(web, body).status_code == 200, "the event is accepted")
    client = client_of(own_valkey)
    assert client.llen("rq:queue:routing") == 10
    assert client.hget("trunkline:stats", "accepted") == b"10"


def test_a_full_server_is_503_and_keeps_nothing_half(own_valkey, start_web, client_of):
    web = start_web(REDIS_URL=own_valkey.connection_url)
    client = client_of(own_valkey)
    wait_until(lambda: web.http.get("/ready").status_code == 200, "ready")
    client.config_set("maxmemory", 1)

    assert_refused_in_time(web, webhook_body())
    assert client.keys("rq:*") == client.keys("trunkline:[^p]*") == []

    client.config_set("maxmemory", 0)
    assert post(web, webhook_body()).status_code == 200


@pytest.mark.parametrize(
    ("config", "may_lose"),
    [
        ({"appendonly": "no"}, "everything on restart"),
        ({"appendfsync": "everysec"}, "up to 2 s on power failure"),
    ],
)
def test_a_server_that_keeps_too_little_is_told_and_with_fsync_nothing_is_acknowledged(
    own_valkey, start_web, client_of, config, may_lose
):
    client = client_of(own_valkey)
    for name, value in config.items():
        client.config_set(name, value)
    auto, strict = (start_web(REDIS_URL=own_valkey.connection_url, DURABILITY=mode) for mode in ("auto", "fsync"))

    ready = auto.http.get("/ready")
    assert ready.status_code == 200
    assert ready.json()["durability"] == {"mode": "auto", "may_lose": may_lose}
    assert post(auto, webhook_body()).status_code == 200
    wait_until(lambda: may_lose in auto.output, "the log says what may be lost")

    assert strict.http.get("/ready").status_code == 503
    assert_refused_in_time(strict, webhook_body())
    assert_refused_in_time(strict, b"{}")


def test_with_fsync_a_durable_server_is_acknowledged(own_valkey, start_web):
    web = start_web(REDIS_URL=own_valkey.connection_url, DURABILITY="fsync")

    wait_until(lambda: web.http.get("/ready").status_code == 200, "ready")
    assert web.http.get("/ready").json()["durability"] == {"mode": "fsync", "may_lose": "nothing"}
    assert post(web, webhook_body()).status_code == 200


def test_a_refused_config_proves_nothing(own_valkey, start_web, client_of):
    client_of(own_valkey).acl_setuser("app", enabled=True, nopass=True, keys=["*"], commands=["+@all", "-config"])
    url = own_valkey.connection_url.replace("://", "://app:x@")

    strict = start_web(REDIS_URL=url, DURABILITY="fsync")

    reply = strict.http.get("/ready")
    assert (reply.status_code, reply.json()["durability"]["may_lose"]) == (503, "unknown")
    assert_refused_in_time(strict, webhook_body())


def test_with_replica_an_event_is_acknowledged_only_once_a_replica_has_it(
    own_valkey, start_web, client_of, tmp_path
):
    web = start_web(REDIS_URL=own_valkey.connection_url, DURABILITY="replica")
    primary = client_of(own_valkey)
    primary.config_set("repl-diskless-sync-delay", 0)
    body = webhook_body()
    assert web.http.get("/ready").status_code == 503
    assert_refused_in_time(web, body)

    with embedded_valkey(tmp_path / "replica", replicaof=f"127.0.0.1 {own_valkey.port}") as replica:
        wait_until(lambda: primary.wait(1, 10) == 1, "the replica follows")
        wait_until(lambda: post(web, body).status_code == 200, "the event is accepted")

        assert client_of(replica).llen("rq:queue:routing") == 1
        assert web.http.get("/ready").status_code == 200
