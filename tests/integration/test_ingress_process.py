"""The web process as a whole: which servers it refuses, how it tells that it is well, and how it stops."""

import hashlib
import socket

import pytest

from tests.ports import free_port
from tests.processes import Process, embedded_valkey
from tests.signing import event_id_of, signed, webhook_body
from tests.waiting import wait_until


@pytest.fixture
def run(web_env, tmp_path):
    """Start it with this environment; return its exit code and what it printed."""
    started = []

    def run(**env):
        process = Process("ingress", env={**web_env, **env}, log_path=tmp_path / f"{len(started)}.log")
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()


@pytest.mark.parametrize("option", ["db=first", "colour=blue"])
def test_a_redis_url_with_an_option_that_cannot_be_used_is_refused(run, option):
    process = run(REDIS_URL=f"redis://127.0.0.1:1/0?{option}")

    assert process.wait() == 2
    assert process.output.splitlines()[-1].startswith(
        "REDIS_URL: mend or leave out what follows its question mark"
    )


def test_cluster_mode_is_refused(run, tmp_path):
    with embedded_valkey(tmp_path / "cluster", cluster_enabled="yes", cluster_port=str(free_port())) as server:
        process = run(REDIS_URL=server.connection_url)

        assert process.wait() == 2
        assert process.output.splitlines()[-1].startswith("REDIS_URL is in cluster mode")


def test_health_and_ready_tell_how_it_is(web, valkey):
    health, ready = web.http.get("/health"), web.http.get("/ready")

    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert (ready.status_code, list(ready.json())) == (200, ["redis", "durability", "dialplan"])
    assert ready.json()["redis"] == "ok"
    assert web.http.get("/metrics").status_code == 404


def test_the_plan_is_kept_under_its_hash(redis_url, valkey, start_web, dialplan_path):
    web = start_web(REDIS_URL=redis_url)
    key = f"trunkline:plan:{web.http.get('/ready').json()['dialplan']}"

    wait_until(lambda: valkey.exists(key), "the plan is stored")

    assert valkey.get(key) == dialplan_path.read_bytes()
    assert valkey.ttl(key) > 29 * 24 * 3600


def test_a_plan_that_a_waiting_call_needs_for_longer_is_not_shortened(
    own_valkey, client_of, start_web, dialplan_path
):
    text = dialplan_path.read_bytes()
    key = f"trunkline:plan:{hashlib.sha256(text).hexdigest()[:16]}"
    server = client_of(own_valkey)
    server.set(key, text, ex=60 * 24 * 3600)
    server.config_resetstat()

    start_web(REDIS_URL=own_valkey.connection_url)
    wait_until(lambda: "cmdstat_set" in server.info("commandstats"), "the process has kept its plan")

    assert server.ttl(key) > 59 * 24 * 3600


def test_sigterm_answers_what_is_in_flight_and_exits_with_0(redis_url, valkey, start_web):
    web = start_web(REDIS_URL=redis_url)
    body = webhook_body()
    head = "".join(f"{name}: {value}\r\n" for name, value in signed(body).items()).encode()
    request = b"POST /webhooks/telnyx HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n" % len(body) + head + b"\r\n"
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as connection:
        connection.sendall(request + body[:-1])
        wait_until(lambda: web.http.get("/health").status_code == 200, "it has the head")

        web.popen.terminate()
        wait_until(lambda: "Shutting down" in web.output, "it is stopping")
        connection.sendall(body[-1:])
        answer = connection.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 200")
    assert web.wait() == 0
    assert valkey.lrange("rq:queue:routing", 0, -1) == [event_id_of(body).encode()]


def test_sigterm_answers_what_was_on_its_way_over_an_idle_connection(redis_url, valkey, start_web):
    web = start_web(REDIS_URL=redis_url)
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        answers = connection.recv(65_536)

        web.popen.terminate()
        wait_until(lambda: "Waiting for connections to close" in web.output, "it is stopping")
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        answers += b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answers.count(b"HTTP/1.1 200") == 2
    assert answers.count(b"\r\nconnection: close\r\n") == 1
    assert web.wait() == 0


def test_sigterm_does_not_wait_for_what_never_ends(redis_url, valkey, start_web):
    web = start_web(REDIS_URL=redis_url)
    with socket.create_connection(("127.0.0.1", web.port), timeout=8) as connection:
        connection.sendall(b"POST /webhooks/telnyx HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n")
        connection.sendall(b"content-length: 10\r\n\r\n")
        wait_until(lambda: web.http.get("/health").status_code == 200, "it has the head")

        assert web.stop() == 0
        assert connection.recv(65_536).startswith(b"HTTP/1.1 503")


def test_no_secret_is_written_to_the_log(redis_url, valkey, start_web, web_env):
    web = start_web(REDIS_URL=redis_url, LOG_LEVEL="DEBUG")
    body = webhook_body(client_state="c2VjcmV0LXN0YXRl")

    web.http.post("/webhooks/telnyx", content=body, headers=signed(body))
    web.http.post("/calls", content=b"{}", headers={"authorization": "Bearer a-token", "idempotency-key": "k"})
    web.stop()

    for secret in ("a-token", web_env["TELNYX_PUBLIC_KEY"], "c2VjcmV0LXN0YXRl", "call_control_id"):
        assert secret not in web.output
