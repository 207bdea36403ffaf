"""DELETE /calls/ID: one job for each call, and nothing for whoever may not."""

import json
import uuid

import pytest
from rq.job import Job

from shared import queues

TOKEN = {"authorization": "Bearer a-token"}
CALL = "6f8a1c7e-2a40-4d8a-9d5b-0d7f3c1b2a11"


def cancel(web, call, method="DELETE", headers=TOKEN):
    return web.http.request(method, f"/calls/{call}", headers=headers)


def test_it_becomes_a_job_of_the_routing_workers_and_a_repeat_becomes_none(web, valkey):
    reply = cancel(web, CALL)

    job_id = f"cancel-{CALL}"
    stored = Job.fetch(job_id, connection=valkey, serializer=queues.MsgpackSerializer)
    assert (reply.status_code, reply.json()) == (202, {"id": CALL})
    assert valkey.lrange("rq:queue:routing", 0, -1) == [job_id.encode()]
    assert valkey.zscore("trunkline:pending:routing", job_id) is not None
    assert (stored.func_name, json.loads(stored.args[2])) == ("workers.engine.jobs.cancel_call", {"call": CALL})

    assert cancel(web, CALL).status_code == 202
    assert valkey.hgetall("trunkline:stats") == {b"accepted": b"1", b"duplicates": b"1"}


@pytest.mark.parametrize(
    ("status", "call", "method", "headers"),
    [
        (401, CALL, "DELETE", {}),
        (401, CALL, "DELETE", {"authorization": "Bearer another"}),
        (401, "x", "DELETE", {}),
        (405, CALL, "GET", TOKEN),
        (405, CALL, "POST", TOKEN),
        (404, "x", "DELETE", TOKEN),
        (404, CALL.upper(), "DELETE", TOKEN),
        (404, f"{{{CALL}}}", "DELETE", TOKEN),
        (404, f"{CALL}/x", "DELETE", TOKEN),
        (404, "", "DELETE", TOKEN),
    ],
)
def test_whatever_else_is_refused_and_queues_nothing(web, valkey, status, call, method, headers):
    reply = cancel(web, call, method, headers)

    assert reply.status_code == status
    assert valkey.llen("rq:queue:routing") == 0


def test_without_a_token_of_ours_there_is_no_such_route(start_web, redis_url, valkey):
    web = start_web(REDIS_URL=redis_url, TRUNKLINE_API_TOKEN="")

    assert cancel(web, str(uuid.uuid4())).status_code == 404
