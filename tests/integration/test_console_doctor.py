"""`trunkline doctor`, on a deployment that is well, and on one for each thing that may be wrong."""

import json
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import redis

from shared import queues
from tests import sim_process
from tests.command import trunkline
from tests.signing import public_key

sim = sim_process.process  # one for all of this module


@pytest.fixture(scope="module")
def well(sim, redis_url, tmp_path_factory):
    """The environment of a deployment of which nothing is wrong, once its workers beat."""
    body = {
        "application_name": "trunkline",
        "webhook_event_url": "https://voice.example.com/webhooks/telnyx",
        "webhook_api_version": "2",
        "webhook_timeout_secs": 2,
        "first_command_timeout": True,
        "outbound": {"outbound_voice_profile_id": "77"},
    }
    made = sim.api.post("/call_control_applications", json=body).json()["data"]
    return {
        "REDIS_URL": redis_url,
        "TELNYX_API_KEY": "KEY",
        "TELNYX_BASE_URL": sim.ready["url"],
        "TELNYX_PUBLIC_KEY": sim.ready["public_key"],
        "TELNYX_CONNECTION_ID": made["id"],
        "PUBLIC_URL": "https://voice.example.com",
        "RECORDINGS_URL": f"file://{tmp_path_factory.mktemp('recordings')}",
    }


@pytest.fixture
def beating(valkey: redis.Redis):
    """As three live workers leave it."""
    for kind in queues.KINDS:
        valkey.zadd(queues.beat_key(kind), {"one": time.time() + 60})
    return valkey


def examine(**env):
    done = trunkline("doctor", "--json", **env)
    assert done.stderr == ""
    checks = json.loads(done.stdout)["checks"]
    return done.returncode, {check["what"]: check for check in checks}


def states(checks):
    return {what: check["state"] for what, check in checks.items() if check["state"] != "ok"}


def test_of_a_deployment_that_is_well_everything_is_ok(well, beating):
    code, checks = examine(**well)

    assert (code, states(checks)) == (0, {})
    assert len(checks) == 18


def test_for_a_person_it_is_a_table_with_what_mends_each(well, beating):
    done = trunkline("doctor", **{**well, "TELNYX_CONNECTION_ID": "1"})

    assert done.returncode == 1
    assert "1 wrong" in done.stdout
    [line] = [line for line in done.stdout.splitlines() if line.startswith("wrong")]
    assert "application" in line
    assert "check the id" in line


def test_of_nothing_at_all_it_says_what_cannot_be_looked_at():
    code, checks = examine()

    assert code == 1
    wrong = {what for what, state in states(checks).items() if state == "wrong"}
    assert wrong == {"API key", "Redis"}
    assert checks["public key"]["state"] == checks["routing workers"]["state"] == "unknown"


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"TELNYX_PUBLIC_KEY": public_key()}, {"public key": "wrong"}),
        ({"TELNYX_PUBLIC_KEY": ""}, {"public key": "wrong"}),
        ({"PUBLIC_URL": "https://other.example.com"}, {"webhook address": "wrong"}),
        ({"PUBLIC_URL": ""}, {"webhook address": "unknown"}),
        ({"RECORDINGS_URL": "file:///proc/none"}, {"recordings": "wrong"}),
        ({"DYNO": "web.1"}, {"recordings": "warn"}),
        ({"DIALPLAN": "none.toml"}, {"dialplan": "wrong"}),
        ({"CONSOLE_PASSWORD": "a-long-enough-one", "TRUNKLINE_API_TOKEN": "token"}, {"secrets": "warn"}),
        ({"CONSOLE_PASSWORD": "elevenchars", "TRUNKLINE_API_TOKEN": "a-long-enough-one"}, {"secrets": "warn"}),
    ],
)
def test_each_thing_that_is_not_right_is_told_apart(well, beating, env, expected):
    code, checks = examine(**{**well, **env})

    assert states(checks) == expected
    assert code == ("wrong" in expected.values())
    assert all(checks[what]["mend"] for what in expected)


def test_secrets_that_can_be_guessed_are_named_and_not_shown(well, beating):
    _, checks = examine(**{**well, "CONSOLE_PASSWORD": "hunter", "TRUNKLINE_API_TOKEN": "two"})

    assert "CONSOLE_PASSWORD and TRUNKLINE_API_TOKEN" in checks["secrets"]["found"]
    assert "hunter" not in str(checks["secrets"])


def test_an_application_that_nobody_has_provisioned(well, beating, sim):
    body = {"application_name": "bare", "webhook_event_url": "https://voice.example.com/webhooks/telnyx"}
    bare = sim.api.post("/call_control_applications", json=body | {"active": False}).json()["data"]["id"]

    code, checks = examine(**{**well, "TELNYX_CONNECTION_ID": bare})

    assert code == 1
    assert states(checks) == dict.fromkeys(("application", "webhook settings", "outbound profile"), "wrong")
    assert "D38" in checks["outbound profile"]["found"]


def test_workers_that_are_silent_are_not_alive(well, valkey):
    valkey.zadd(queues.beat_key("routing"), {"old": time.time() - 60})
    valkey.zadd(queues.beat_key("recording"), {"new": time.time() + 60})

    code, checks = examine(**well)

    assert (code, states(checks)) == (1, {"routing workers": "wrong", "machine_detection workers": "wrong"})


def test_workers_of_two_releases_are_a_warning_as_one_of_them_was_not_deployed_everywhere(well, beating):
    for number, (kind, plan) in enumerate(zip(queues.KINDS, ("aaaa", "aaaa", "bbbb"), strict=True)):
        beating.zadd(queues.beat_key(kind), {f"w{number}": time.time() + 60})
        beating.zrem(queues.beat_key(kind), "one")
        told = {"trunkline_version": "0.1.0", "trunkline_dialplan": plan}
        beating.hset(queues.rq_worker_key(f"w{number}"), mapping=told)

    code, checks = examine(**well)

    assert (code, states(checks)) == (0, {"worker releases": "warn"})
    assert checks["worker releases"]["found"] == "2 with 0.1.0, dialplan aaaa, 1 with 0.1.0, dialplan bbbb"


@pytest.mark.parametrize(
    ("config", "durability", "expected"),
    [
        ({"appendfsync": "everysec"}, "auto", {"persistence": "warn"}),
        ({"appendfsync": "everysec"}, "fsync", {"persistence": "wrong"}),
        ({"appendonly": "no"}, "auto", {"persistence": "wrong"}),
        ({"maxmemory-policy": "allkeys-lru"}, "auto", {"maxmemory-policy": "warn"}),
        ({"maxmemory-policy": "allkeys-lru", "maxmemory": "1gb"}, "auto", {"maxmemory-policy": "wrong"}),
    ],
)
def test_a_server_that_may_lose_calls(well, own_valkey, config, durability, expected):
    with redis.Redis.from_url(own_valkey.connection_url) as client:
        for name, value in config.items():
            client.config_set(name, value)
        for kind in queues.KINDS:
            client.zadd(queues.beat_key(kind), {"one": time.time() + 60})

    _, checks = examine(**{**well, "REDIS_URL": f"{own_valkey.connection_url}/0", "DURABILITY": durability})

    assert states(checks) == expected


class Odd(BaseHTTPRequestHandler):
    """A Telnyx whose answers a test chooses."""

    status, body, off_s = 200, b"{}", None

    def do_GET(self):
        self.send_response_only(self.status)
        if self.off_s is not None:
            self.send_header("date", formatdate(time.time() + self.off_s))
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"off_s": -3600}, {"API key": "ok", "public key": "unknown", "clock": "wrong"}),
        ({"off_s": 120}, {"clock": "warn"}),
        ({"body": b"<html>"}, {"public key": "unknown", "clock": "unknown", "application": "wrong"}),
        ({"status": 401}, {"API key": "wrong", "public key": "unknown", "application": "wrong"}),
        ({"status": 500}, {"API key": "wrong", "outbound profile": "unknown"}),
    ],
)
def test_odd_answers_of_telnyx_are_told_and_nothing_breaks(well, beating, answer, expected):
    server = HTTPServer(("127.0.0.1", 0), type("Telnyx", (Odd,), answer))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    code, checks = examine(**{**well, "TELNYX_BASE_URL": f"http://127.0.0.1:{server.server_port}/v2"})

    server.shutdown()
    server.server_close()
    assert {what: checks[what]["state"] for what in expected} == expected
    assert code == 1


def test_without_any_answer_of_telnyx_and_redis_it_still_tells(well):
    env = {"TELNYX_BASE_URL": "http://127.0.0.1:1/v2", "REDIS_URL": "redis://:hunter2@127.0.0.1:1/0"}

    code, checks = examine(**{**well, **env})

    assert code == 1
    wrong = {what for what, check in checks.items() if check["state"] == "wrong"}
    assert wrong == {"API key", "application", "Redis"}
    assert "hunter2" not in str(checks)


def test_a_bucket_that_is_not_reached_is_wrong(well, beating):
    bucket = {"RECORDINGS_URL": "s3://recordings/calls", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}

    code, checks = examine(**{**well, **bucket, "AWS_ENDPOINT": "http://127.0.0.1:1", "AWS_ALLOW_HTTP": "true"})

    assert (code, states(checks)) == (1, {"recordings": "wrong"})
