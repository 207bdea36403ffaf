"""`trunkline queues`: how queues and workers stand."""

import asyncio
import json
import time
from datetime import UTC, datetime

import msgspec
import pytest
from redis.asyncio import Redis

from console import queues as queues_of
from shared import queues
from tests.command import trunkline

EMPTY = {"count": 0, "p50": None, "p95": None}

RELEASE = {"trunkline_version": "0.1.0", "trunkline_dialplan": "8ac5cfdbcb8fbf98"}


def put_job(valkey, job_id, age_s, kind="routing"):
    at = datetime.fromtimestamp(time.time() - age_s, UTC)
    valkey.hset(queues.job_key(job_id), "enqueued_at", queues.rq_time(at))
    valkey.rpush(queues.queue_key(kind), job_id)


def put_worker(valkey, name, age_s, kind="routing", **fields):
    valkey.zadd(queues.beat_key(kind), {name: time.time() - age_s})
    if fields:
        valkey.hset(f"rq:worker:{name}", mapping=fields)


@pytest.fixture
def shown(redis_url, valkey):
    """What the command prints as JSON; asked without the second that a command takes to start."""

    async def look():
        async with Redis.from_url(redis_url) as client:
            return msgspec.to_builtins(await queues_of.look(client))

    return lambda: asyncio.run(look())


def test_an_idle_deployment_has_every_kind(redis_url, valkey):
    found = json.loads(trunkline("queues", "--json", REDIS_URL=redis_url).stdout)

    assert [queue["kind"] for queue in found] == ["routing", "machine_detection", "recording"]
    assert {
        (queue["now"]["depth"], queue["now"]["oldest_s"], queue["now"]["live"], *queue["wait"].values())
        for queue in found
    } == {(0, 0.0, 0, *EMPTY.values())}


def test_depth_and_age_are_those_of_the_queue_and_gone_jobs_have_no_age(shown, valkey):
    valkey.rpush(queues.queue_key("routing"), "gone")
    put_job(valkey, "old", 90)
    put_job(valkey, "new", 5)
    valkey.zadd(queues.lease_key("routing"), {"a:b": 1, "c:d": 2})
    valkey.zadd(queues.schedule_key("routing"), {"timer": 1})
    valkey.zadd(queues.drain_key("routing"), {"call": 1})
    valkey.zadd(queues.failed_key("routing"), {"dead": 1})
    put_job(valkey, "file", 700, kind="recording")

    routing, _, recording = (queue["now"] for queue in shown())

    assert 89 < routing.pop("oldest_s") < 150
    assert routing == {"depth": 3, "in_flight": 2, "scheduled": 1, "to_send": 1, "dead": 1, "live": 0}
    assert (recording["depth"], recording["oldest_s"] > 699) == (1, True)


@pytest.mark.parametrize("written", ["", "yesterday", b"\xff", "2026-11-26T99:00:00Z"])
def test_a_job_with_nonsense_for_a_time_has_no_age(shown, valkey, written):
    valkey.hset(queues.job_key("odd"), "enqueued_at", written)
    valkey.rpush(queues.queue_key("routing"), "odd")

    assert (shown()[0]["now"]["depth"], shown()[0]["now"]["oldest_s"]) == (1, 0.0)


def test_times_are_those_of_the_last_five_minutes(shown, valkey):
    this_minute = int(time.time()) // 60
    for minute, bucket in ((this_minute, "0.01"), (this_minute - 1, "0.01"), (this_minute - 9, "60")):
        valkey.hset(f"{queues.METRICS_MINUTE}{minute}", f"job_wait_seconds|recording|{bucket}", 50)

    wait = shown()[2]["wait"]

    assert wait["count"] == 100
    assert wait["p95"] == pytest.approx(0.00975)


def test_workers_are_told_of_until_they_have_been_silent_for_a_minute(shown, valkey):
    put_worker(valkey, "quick", 0, hostname="a.example", pid=11, state="busy", **RELEASE)
    put_worker(valkey, "silent", 30, hostname="b.example", pid=12)
    put_worker(valkey, "dead", 100)

    routing = shown()[0]

    assert routing["now"]["live"] == 1
    told = ("name", "host", "pid", "version", "dialplan", "live")
    assert [tuple(one[field] for field in told) for one in routing["workers"]] == [
        ("quick", "a.example", 11, "0.1.0", "8ac5cfdbcb8fbf98", True),
        ("silent", "b.example", 12, "unknown", "unknown", False),
    ]


def test_the_table_is_for_a_person(redis_url, valkey):
    put_job(valkey, "one", 300)
    put_worker(valkey, "quick", 0, hostname="a.example", pid=11, state="idle")

    lines = trunkline("queues", REDIS_URL=redis_url).stdout.splitlines()

    assert lines[0].split()[:3] == ["kind", "depth", "oldest"]
    assert lines[1].split()[:4] == ["routing", "1", "5", "min"]
    assert lines[2].split()[:3] == ["machine_detection", "0", "-"]
    assert lines[6].split()[:4] == ["routing", "a.example", "11", "unknown"]


def test_nobody_to_drain_exits_1(redis_url, valkey):
    put_worker(valkey, "dead", 30)

    done = trunkline("queues", "drain", "routing", REDIS_URL=redis_url)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "no live worker of kind routing: see trunkline queues\n"


def test_an_unknown_kind_is_bad_usage(redis_url):
    done = trunkline("queues", "drain", "rooting", REDIS_URL=redis_url)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
