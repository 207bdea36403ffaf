"""`trunkline calls dial`: the same call that `POST /calls` would have begun, by hand."""

import json

import msgspec
import pytest
from rq.job import Job

from shared import dialplan, queues
from tests.command import trunkline

CALL = ("reminder", "+13125550123", "--var", "name=Ann", "--var", "when=at 10=sharp")
REQUEST = {
    "profile": "reminder",
    "to": "+13125550123",
    "variables": {"when": "at 10=sharp", "name": "Ann"},
}


@pytest.fixture
def dial(redis_url, valkey, dialplan_path):
    def run(*arguments, **env):
        return trunkline(
            "calls", "dial", *arguments, **{"REDIS_URL": redis_url, "DIALPLAN": str(dialplan_path), **env}
        )

    return run


def told(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def post(web, key, request=REQUEST):
    headers = {"authorization": "Bearer a-token", "idempotency-key": key}
    return web.http.post("/calls", json=request, headers=headers)


def test_a_call_becomes_a_job_of_the_routing_workers_under_the_plan_of_this_machine(dial, valkey, dialplan_path):
    call = told(dial(*CALL, "--json"))

    job = Job.fetch(f"call-{call['id']}", connection=valkey, serializer=queues.MsgpackSerializer)
    loaded = dialplan.load(dialplan_path)
    assert call["new"] is True
    assert valkey.lrange("rq:queue:routing", 0, -1) == [f"call-{call['id']}".encode()]
    assert valkey.hgetall("trunkline:stats") == {b"accepted": b"1"}
    assert job.func_name == queues.PLACE_CALL
    assert msgspec.json.decode(job.args[2]) == {"call": call["id"], "plan": loaded.hash, **REQUEST}
    assert valkey.get(queues.plan_key(loaded.hash)).decode() == loaded.text


def test_without_a_key_each_is_a_call_of_its_own_with_a_key_to_repeat_it_by(dial, valkey):
    shown = dict(line.split() for line in dial(*CALL).stdout.splitlines())
    another = told(dial(*CALL, "--json"))
    repeat = told(dial(*CALL, "--key", shown["key"], "--json"))

    assert another["id"] != shown["id"]
    assert repeat == {"id": shown["id"], "key": shown["key"], "new": False}
    assert valkey.llen("rq:queue:routing") == 2


def test_a_key_means_the_same_call_at_both_doors(dial, valkey, web):
    posted = post(web, "posted").json()["id"]
    dialled = told(dial(*CALL, "--key", "dialled", "--json"))["id"]

    assert told(dial(*CALL, "--key", "posted", "--json"))["id"] == posted
    assert post(web, "dialled").json()["id"] == dialled
    assert valkey.llen("rq:queue:routing") == 2


def test_a_key_that_was_used_for_another_call_exits_1(dial, valkey, web):
    post(web, "key", {**REQUEST, "to": "+13125550124"})

    done = dial(*CALL, "--key", "key")

    assert done.returncode == 1
    assert "another body" in done.stderr
    assert valkey.llen("rq:queue:routing") == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("nobody", *CALL[1:]), "known: reminder"),
        (CALL[:4], "missing variables: when"),
        ((*CALL, "--var", "name"), "NAME=VALUE"),
        ((*CALL, "--var", "name=Bob"), "twice"),
        ((*CALL, "--var", "name=\udcff"), "UTF-8"),
        ((*CALL, "--key", ""), "--key"),
    ],
)
def test_what_may_not_be_called_is_one_line_exits_2_and_stores_nothing(dial, valkey, arguments, named):
    done = dial(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert done.stderr.count("\n") == 1
    assert valkey.keys() == []


def test_a_server_that_refuses_exits_1_and_says_how_to_repeat_it(dial, valkey):
    valkey.set("rq:queue:routing", "of a wrong type")

    done = dial(*CALL, "--key", "key-1")

    assert done.returncode == 1
    assert "WRONGTYPE" in done.stderr
    assert "--key key-1" in done.stderr
    assert done.stderr.count("\n") == 1
    assert valkey.keys("rq:job:*") == []


@pytest.mark.parametrize(
    ("env", "code", "named"),
    [
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, 1, "REDIS_URL does not answer"),
        ({"DIALPLAN": "nowhere.toml"}, 2, "nowhere.toml does not exist"),
    ],
)
def test_what_it_needs_is_named(dial, env, code, named):
    done = dial(*CALL, **env)

    assert done.returncode == code
    assert named in done.stderr
    assert done.stderr.count("\n") == 1
