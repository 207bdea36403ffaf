"""POST /calls: the answer table in its order, and one job for one Idempotency-Key."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from rq.job import Job

from shared import dialplan, queues

REQUEST = {"profile": "reminder", "to": "+13125550123", "variables": {"name": "Ann", "when": "today"}}
HEADERS = {"authorization": "Bearer a-token", "idempotency-key": "key-1"}


def call(web, request=REQUEST, **headers):
    """Post it; a header given as None is left out."""
    named = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    content = request if isinstance(request, bytes) else json.dumps(request)
    kept = {name: value for name, value in named.items() if value is not None}
    return web.http.post("/calls", content=content, headers=kept)


def test_a_call_becomes_a_job_of_the_routing_workers(web, valkey, dialplan_path):
    reply = call(web)

    call_id = reply.json()["id"]
    stored = Job.fetch(f"call-{call_id}", connection=valkey, serializer=queues.MsgpackSerializer)
    assert reply.status_code == 202
    assert UUID(call_id).version == 4
    assert valkey.lrange("rq:queue:routing", 0, -1) == [f"call-{call_id}".encode()]
    assert valkey.zscore("trunkline:pending:routing", f"call-{call_id}") is not None
    assert valkey.hgetall("trunkline:stats") == {b"accepted": b"1"}
    assert stored.func_name == "workers.engine.jobs.place_call"
    assert json.loads(stored.args[2]) == {
        "call": call_id,
        "profile": "reminder",
        "to": "+13125550123",
        "variables": {"name": "Ann", "when": "today"},
        "plan": dialplan.load(dialplan_path).hash,
    }
    assert "555" not in stored.description


def test_a_repeat_within_a_day_is_the_same_call(web, valkey):
    first = call(web)
    reordered = dict(reversed(REQUEST.items()))

    assert call(web, reordered).json() == first.json()
    assert valkey.llen("rq:queue:routing") == 1
    assert 86_390 < valkey.ttl("trunkline:idempotency:key-1") <= 86_400


def test_repeats_at_the_same_time_are_one_call(web, valkey):
    with ThreadPoolExecutor(10) as threads:
        replies = list(threads.map(lambda _: call(web), range(10)))

    assert len({reply.json()["id"] for reply in replies}) == 1
    assert valkey.llen("rq:queue:routing") == 1


def test_the_same_key_with_another_body_is_409(web, valkey):
    call(web)

    reply = call(web, {**REQUEST, "to": "+13125550124"})

    assert (reply.status_code, list(reply.json())) == (409, ["error"])
    assert valkey.llen("rq:queue:routing") == 1


def test_another_key_is_another_call(web, valkey):
    assert call(web).json() != call(web, idempotency_key="key-2").json()


def changed(**fields):
    return {**REQUEST, **fields}


@pytest.mark.parametrize(
    ("status", "request_", "headers", "says"),
    [
        (401, REQUEST, {"authorization": None}, "token"),
        (401, REQUEST, {"authorization": "Bearer another"}, "token"),
        (401, REQUEST, {"authorization": "Basic a-token"}, "token"),
        (401, REQUEST, {"authorization": "a-token"}, "token"),
        (401, b"{", {"authorization": None, "idempotency_key": None}, "token"),
        (401, b"x" * 70_000, {"authorization": None}, "token"),
        (400, REQUEST, {"idempotency_key": None}, "Idempotency-Key"),
        (400, REQUEST, {"idempotency_key": ""}, "Idempotency-Key"),
        (400, REQUEST, {"idempotency_key": "k" * 256}, "Idempotency-Key"),
        (400, REQUEST, {"idempotency_key": "é"}, "Idempotency-Key"),
        (400, b"", {}, "JSON"),
        (400, b"{", {}, "JSON"),
        (400, b"[]", {}, "JSON"),
        (400, b"\xff", {}, "JSON"),
        (400, b'{"profile": ' + b"[" * 30_000, {}, "JSON"),
        (400, {"to": "+13125550123"}, {}, "profile"),
        (400, changed(to=1), {}, "to"),
        (400, changed(variables={"name": 1}), {}, "variables"),
        (400, changed(variabels={}), {}, "variabels"),
        (400, changed(profile="nobody") | {"to": None}, {}, "to"),
        (413, b"x" * 70_000, {}, "65536"),
        (404, changed(profile="nobody"), {}, "profile"),
        (404, changed(profile="nobody", to="x"), {}, "profile"),
        (422, changed(to="13125550123"), {}, "E.164"),
        (422, changed(to="tel:+13125550123"), {}, "E.164"),
        (422, changed(to="+4930123456"), {}, "allowed"),
        (422, changed(to="911"), {}, "E.164"),
        (422, changed(to="+1911"), {}, "allowed"),
        (422, changed(to="sip:ana@elsewhere.example"), {}, "allowed"),
        (422, changed(variables={"name": "Ann"}), {}, "when"),
        (422, {"profile": "reminder", "to": "+13125550123"}, {}, "name, when"),
        (202, changed(to="sip:ana@sales.sip.telnyx.com"), {}, None),
        (202, changed(variables={"name": "Ann", "when": "today", "unused": "x"}), {}, None),
        (202, REQUEST, {"authorization": "bearer a-token", "idempotency_key": "k" * 255}, None),
    ],
)
def test_the_answer_table(web, valkey, status, request_, headers, says):
    if headers.get("idempotency_key") == "é":
        headers = {"idempotency_key": "é".encode()}

    reply = call(web, request_, **headers)

    assert reply.status_code == status
    if says is not None:
        assert says in reply.json()["error"]
        assert valkey.keys("rq:*") == []


def test_another_method_is_405(web, valkey):
    reply = web.http.get("/calls")

    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")


def test_without_a_token_the_route_does_not_exist(redis_url, valkey, start_web):
    web = start_web(REDIS_URL=redis_url, TRUNKLINE_API_TOKEN="")

    assert call(web).status_code == web.http.get("/calls").status_code == 404
