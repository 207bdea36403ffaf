"""A signed webhook becomes one durable job that stock RQ can read; a duplicate becomes none."""

import time
from pathlib import Path

import msgspec
import pytest
from rq.job import Job

from shared import queues
from tests.delivering import deliver_all
from tests.samples import SAMPLES
from tests.signing import KEY, OTHER_KEY, event_id_of, public_key, signed, webhook_body


def post(web, body, headers=None):
    return web.http.post("/webhooks/telnyx", content=body, headers=headers or signed(body))


def job(valkey, event_id):
    return Job.fetch(event_id, connection=valkey, serializer=queues.MsgpackSerializer)


def stat(valkey, name):
    return int(valkey.hget("trunkline:stats", name) or 0)


def quarantined(valkey):
    return [msgspec.msgpack.decode(entry) for entry in valkey.lrange("trunkline:quarantine", 0, -1)]


@pytest.mark.parametrize("name", SAMPLES)
def test_each_example_becomes_a_job_on_the_queue_of_its_kind(web, valkey, name):
    body = SAMPLES[name]
    kind = queues.kind_of(name)

    reply = post(web, body)

    assert (reply.status_code, reply.content) == (200, b"")
    assert valkey.lrange(f"rq:queue:{kind}", 0, -1) == [event_id_of(body).encode()]
    assert valkey.zrange(f"trunkline:pending:{kind}", 0, -1) == [event_id_of(body).encode()]
    assert valkey.smembers("rq:queues") == {f"rq:queue:{kind}".encode()}


def test_stock_rq_reads_the_job(web, valkey):
    body = webhook_body("call.recording.saved")
    before = time.time()

    post(web, body)

    stored = job(valkey, event_id_of(body))
    schema, received_at, raw = stored.args
    assert stored.func_name == "workers.engine.jobs.apply_webhook"
    assert (schema, raw, stored.kwargs) == (queues.SCHEMA, body, {})
    assert before <= received_at <= time.time()
    assert stored.origin == "recording"
    assert stored.description == "call.recording.saved"
    assert stored.get_status() == "queued"
    assert (stored.timeout, stored.result_ttl, stored.failure_ttl) == (150, 0, queues.FAILED_TTL_S)
    assert stored.retries_left == queues.RETRIES_LEFT
    assert before - 1 <= stored.created_at.timestamp() <= time.time()
    assert stored.enqueued_at == stored.created_at


def test_it_is_pending_since_the_servers_time_and_remembered_for_a_day(web, valkey):
    body = webhook_body()

    post(web, body)

    seconds, microseconds = valkey.time()
    since = valkey.zscore("trunkline:pending:routing", event_id_of(body))
    assert since is not None
    assert 0 <= seconds + microseconds / 1e6 - since < 5
    assert 86_390 < valkey.ttl(f"trunkline:seen:{event_id_of(body)}") <= 86_400


def test_a_duplicate_is_200_and_no_second_job(web, valkey):
    body = webhook_body()

    statuses = [post(web, body).status_code for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert valkey.llen("rq:queue:routing") == 1
    assert (stat(valkey, "accepted"), stat(valkey, "duplicates")) == (1, 2)


def test_copies_at_the_same_time_make_one_job_each(web, valkey):
    bodies = [webhook_body() for _ in range(20)] * 3

    again = deliver_all(lambda body: post(web, body).status_code, bodies, 20)

    assert len(set(valkey.lrange("rq:queue:routing", 0, -1))) == valkey.llen("rq:queue:routing") == 20
    assert stat(valkey, "accepted") == 20
    assert 40 <= stat(valkey, "duplicates") <= 40 + again


def test_a_parked_event_is_a_duplicate_even_when_its_dedupe_key_has_gone(web, valkey):
    body = webhook_body()
    post(web, body)
    valkey.delete(f"trunkline:seen:{event_id_of(body)}", "rq:queue:routing")

    assert post(web, body).status_code == 200
    assert valkey.llen("rq:queue:routing") == 0


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param(signed(webhook_body()), webhook_body(), id="tampered body"),
        pytest.param(signed(b"{}", str(int(time.time()) - 4_000)), b"{}", id="stale"),
        pytest.param(signed(b"{}", str(int(time.time()) + 4_000)), b"{}", id="from the future"),
        pytest.param(signed(b"{}", key=OTHER_KEY), b"{}", id="another key"),
        pytest.param({"content-type": "application/json"}, b"{}", id="unsigned"),
    ],
)
def test_what_telnyx_did_not_sign_is_401_and_writes_nothing(web, valkey, headers, body):
    reply = post(web, body, headers)

    assert (reply.status_code, reply.content) == (401, b"")
    assert valkey.keys() == []


def test_a_clock_that_is_off_by_less_than_300_seconds_is_good(web, valkey):
    body = webhook_body()

    assert post(web, body, signed(body, str(int(time.time()) - 290))).status_code == 200
    assert post(web, body, signed(body, str(int(time.time()) + 290))).status_code == 200


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"{}", 422)])
def test_what_we_cannot_read_is_kept_before_it_is_refused(web, valkey, body, status):
    before = time.time()

    reply = post(web, body)

    assert reply.status_code == status
    [entry] = quarantined(valkey)
    assert entry["body"] == body
    assert entry["reason"]
    assert before <= entry["received_at"] <= time.time()
    assert 604_790 < valkey.ttl("trunkline:quarantine") <= 604_800
    assert (stat(valkey, "quarantined"), stat(valkey, "accepted")) == (1, 0)


def test_the_quarantine_keeps_the_newest_thousand(web, valkey):
    valkey.rpush("trunkline:quarantine", *range(1_000))

    post(web, b"{}")

    assert valkey.llen("trunkline:quarantine") == 1_000
    assert valkey.lindex("trunkline:quarantine", -1) == b"998"


def test_too_many_bad_signatures_are_429_and_good_ones_pass(redis_url, valkey, start_web):
    web = start_web(REDIS_URL=redis_url)
    wrong = signed(b"{}", key=OTHER_KEY)

    statuses = [post(web, b"{}", {**wrong, "x-forwarded-for": f"10.0.0.{i}"}).status_code for i in range(102)]

    assert statuses == [401] * 100 + [429] * 2
    assert post(web, webhook_body()).status_code == 200


def test_events_of_our_connection_only_are_accepted_and_two_keys_are_good(redis_url, valkey, start_web):
    keys = f"{public_key(OTHER_KEY)},{public_key(KEY)}"
    web = start_web(REDIS_URL=redis_url, TELNYX_CONNECTION_ID="42", TELNYX_PUBLIC_KEY=keys)
    ours, foreign, unnamed = (webhook_body(connection_id=which) for which in ("42", "43", None))

    statuses = [post(web, body).status_code for body in (ours, foreign, unnamed)]
    other_key = post(web, ours, signed(ours, key=OTHER_KEY))

    assert (statuses, other_key.status_code) == ([200, 200, 200], 200)
    assert valkey.lrange("rq:queue:routing", 0, -1) == [event_id_of(body).encode() for body in (ours, unnamed)]
    assert [entry["body"] for entry in quarantined(valkey)] == [foreign]
    assert stat(valkey, "accepted") == 2


def test_two_server_processes_dedupe_across_each_other(redis_url, valkey, start_web):
    web = start_web(REDIS_URL=redis_url, WEB_CONCURRENCY="2")
    bodies = [webhook_body() for _ in range(20)] * 4

    deliver_all(lambda body: post(web, body).status_code, bodies, 20)

    assert valkey.llen("rq:queue:routing") == stat(valkey, "accepted") == 20
    assert _children(web.popen.pid) >= 2
    assert web.stop() == 0


def _children(pid):
    """How many processes have this parent (spawned servers, and multiprocessing's tracker)."""
    return len(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
