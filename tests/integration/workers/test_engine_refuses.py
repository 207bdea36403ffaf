"""What a whole worker parks with its reason, and what it leaves to one that is newer; nobody else is harmed."""

import pytest

from shared import queues
from shared.ids import SessionId, inbound_call_id
from tests.integration.workers.bench import (
    PLAN,
    accept,
    account,
    loaded_plan,
    noted,
    parts,
    run,
    settled,
    until,
    working,
)
from tests.integration.workers.commits import call, change, decided
from tests.integration.workers.queued import (
    job_hash,
    parked_ids,
    put,
    put_job,
    put_pending,
    reason_of,
    webhook_data,
)

QUEUE, SCHEDULE = queues.queue_key("routing"), queues.schedule_key("routing")


POISON = {
    "unknown function": (queues.job_data("os.system", 0.0, b"true"), {}, "unknown function 'os.system'"),
    "a function of ours that is no job": (
        queues.job_data("workers.engine.jobs.run", 0.0, b""),
        {},
        "unknown function 'workers.engine.jobs.run'",
    ),
    "pickled": (b"\x80\x04\x95", {}, "its data is not what a job carries"),
    "no data": (b"", {}, "its data is not what a job carries"),
    "zlib that ends early": (b"\x78\x9c\x01", {}, "its data is not what a job carries"),
    "a callback": (webhook_data(noted()), {"success_callback_name": "os.abort"}, "success_callback_name"),
    "a failure callback": (webhook_data(noted()), {"failure_callback_name": "os.abort"}, "failure_callback_name"),
    "webhooks": (webhook_data(noted()), {"webhooks": '[{"url": "http://127.0.0.1"}]'}, "webhooks"),
    "a dependency": (webhook_data(noted()), {"dependency_ids": '["other"]'}, "dependency_ids"),
    "a repetition": (webhook_data(noted()), {"repeats_left": "3"}, "repeats_left"),
    "no JSON": (webhook_data(b"{"), {}, "not an event"),
    "no event": (webhook_data(b"[]"), {}, "not an event"),
    "no request": (queues.job_data(queues.PLACE_CALL, 0.0, b"{}"), {}, "not a Request"),
    "no timer": (queues.job_data(queues.FIRE_TIMER, 0.0, b"\xc0"), {}, "not a timer"),
    "no download": (queues.job_data(queues.ARCHIVE_RECORDING, 0.0, b"\xff"), {}, "not a Download"),
}


def test_every_kind_of_poison_is_parked_with_its_reason_and_harms_nobody_else(url, valkey):
    good = [put(valkey, noted(f"good-{n}")) for n in range(5)]
    for n, (data, fields, _) in enumerate(POISON.values()):
        put_job(valkey, f"poison-{n}", data, **fields)
    good += [put(valkey, noted(f"good-{n}")) for n in range(5, 10)]

    async def scenario():
        async with working(url):
            await settled(valkey, len(good), len(POISON))
            await accept(url, noted())
            await settled(valkey, len(good) + 1, len(POISON))

    run(scenario())

    reasons = [reason_of(valkey, f"poison-{n}") for n in range(len(POISON))]
    wanted = [reason for _, _, reason in POISON.values()]
    assert [told for told, part in zip(reasons, wanted, strict=True) if part not in told] == []


def test_broken_hashes_and_ids_harm_nobody_else(url, valkey):
    good = [put(valkey, noted(f"good-{n}")) for n in range(5)]
    broken = put(valkey, noted("broken"))
    valkey.delete(queues.job_key(broken))
    valkey.lpush(queues.job_key(broken), "a list")
    gone = put(valkey, noted("gone"))
    valkey.delete(queues.job_key(gone))
    put_pending(valkey, gone, age_s=6.0)
    valkey.hincrby(queues.STATS, "accepted", -1)
    valkey.hset(b"rq:job:\xff\xfe", mapping=job_hash(webhook_data(noted())))
    valkey.rpush(QUEUE, b"\xff\xfe")

    async def scenario():
        async with working(url):
            await settled(valkey, len(good), 2)

    run(scenario())

    reasons = parked_ids(valkey)
    assert "WRONGTYPE" in reasons[broken]
    assert reasons[gone] == "lost: its job is gone"
    assert "not a job id" in reasons.values()


def test_three_exceptions_park_a_job_with_the_last_of_them(url, valkey):
    session = "session-1"
    valkey.set(queues.call_key(inbound_call_id(SessionId(session))), "no record")
    job_id = put(valkey, noted(session))
    put(valkey, noted("good"))

    async def scenario():
        async with working(url):
            await until(lambda: valkey.hget(queues.job_key(job_id), "exceptions") == b"1", "it failed once")
            await settled(valkey, 1, 1)

    run(scenario())

    reason = reason_of(valkey, job_id)
    assert reason.startswith("3 exceptions, the last ResponseError in ")
    assert "WRONGTYPE" in reason


@pytest.mark.parametrize("function", [queues.APPLY_WEBHOOK, "workers.engine.jobs.not_invented_yet"])
def test_a_job_of_a_newer_schema_waits_for_a_newer_worker(url, valkey, function):
    newer = queues.MsgpackSerializer.dumps((function, None, [queues.SCHEMA + 1, {"any": "shape"}], {}))
    put_job(valkey, "newer", newer)

    async def scenario():
        async with working(url):
            for _ in range(2):
                await until(lambda: valkey.zscore(SCHEDULE, "newer"), "it waits")
                valkey.zadd(SCHEDULE, {"newer": 1.0})
                await until(lambda: (valkey.zscore(SCHEDULE, "newer") or 1.0) > 1.0, "it is asked again")

    run(scenario())

    assert account(valkey) == (1, 0, 0, 1)
    assert valkey.hget(queues.job_key("newer"), "exceptions") == b"0"


def test_a_call_that_began_with_a_dialplan_we_do_not_have_waits_for_it(url, valkey):
    """While a deployment rolls out, the ingress or another worker may be newer than this one."""
    call_id = inbound_call_id(SessionId("session-1"))
    newer = PLAN.replace("female", "male")

    async def scenario():
        async with parts(url) as at:
            before = await at.store.load_call(call_id)
            await at.store.commit(change(before, decided(call(call_id, plan=loaded_plan(newer).hash))))
        async with working(url):
            (job_id,) = await accept(url, noted("session-1"))
            await until(lambda: valkey.zscore(SCHEDULE, job_id), "it waits")
            valkey.set(queues.plan_key(loaded_plan(newer).hash), newer)
            await settled(valkey, 1)

    run(scenario())
