"""`trunkline calls cancel` and what becomes of the call: on its way to its turn, ringing, answered, over."""

import asyncio
import json
import time
import uuid

import pytest

from shared import placing, queues
from shared.enqueue import enqueue
from tests.command import trunkline
from tests.integration.workers.bench import accept, loaded_plan, run, until, working
from tests.integration.workers.outbound import (
    dialled,
    dials,
    hangup_of,
    live,
    number,
    outcome,
    place,
    plan,
    record,
)
from tests.integration.workers.telnyx import telnyx
from tests.signing import webhook_body


def cancel(url, call):
    return trunkline("calls", "cancel", call, "--json", REDIS_URL=url)


async def cancelled(url, call):
    """Beside a worker on this event loop, which logs to the same stream: exit code, and what it says."""
    done = await asyncio.to_thread(cancel, url, call)
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return done.returncode, json.loads(told)


def hung_up(there):
    return [asked for asked in there.requests if asked.path.endswith("/hangup")]


def test_a_call_that_waits_for_its_turn_is_never_dialled_and_the_next_one_is(url, valkey):
    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=plan()) as at:
            valkey.hset(queues.outbound_key("reminder"), "paused", "1")
            unwanted, wanted = await place(url, plan(), number(1), number(2))
            await until(lambda: valkey.zcard(queues.waiting_key("reminder")) == 2, "both wait")
            told = await cancelled(url, unwanted)
            assert valkey.zcard(queues.waiting_key("reminder")) == 1
            valkey.hdel(queues.outbound_key("reminder"), "paused")
            await at.admissions.sweep()
            await until(lambda: dials(there), "one is dialled")
            again = await cancelled(url, unwanted)
            return unwanted, wanted, told, again, dials(there)

    unwanted, wanted, told, again, asked = run(scenario())

    assert told == (0, {"id": unwanted, "outcome": "cancelled", "doing": "nobody is called any more"})
    assert again == told
    assert asked == [number(2)]
    assert (outcome(valkey, unwanted), record(valkey, wanted).live, live(valkey)) == ("cancelled", True, 1)


def test_a_phone_that_rings_is_hung_up(url, valkey):
    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=plan()):
            (unwanted,) = await place(url, plan(), number(1))
            await until(lambda: record(valkey, unwanted) and record(valkey, unwanted).made, "its leg is known")
            told = await cancelled(url, unwanted)
            await until(lambda: hung_up(there), "it is hung up")
            await accept(url, hangup_of(there, number(1), "originator_cancel"))
            await until(lambda: record(valkey, unwanted).over, "it is over")
            return unwanted, told, dials(there)

    unwanted, told, asked = run(scenario())

    assert told == (0, {"id": unwanted, "outcome": "cancelled", "doing": "nobody is called any more"})
    assert asked == [number(1)]
    assert (outcome(valkey, unwanted), live(valkey)) == ("cancelled", 0)


def test_whoever_has_answered_is_not_cut_off_and_not_called_again(url, valkey):
    text = plan('attempts = 2\nretry_after = { human = "1s" }')

    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=text):
            (talks,) = await place(url, text, number(1))
            await until(lambda: record(valkey, talks) and record(valkey, talks).made, "its leg is known")
            ids = json.loads(hangup_of(there, number(1)))["data"]["payload"]
            leg = {name: ids[name] for name in ("call_control_id", "call_leg_id", "call_session_id")}
            await accept(url, webhook_body("call.answered", **leg, client_state=ids["client_state"]))
            await until(lambda: record(valkey, talks).main_leg.answered_at, "it is answered")
            told = await cancelled(url, talks)
            cut_off = hung_up(there)
            await accept(url, hangup_of(there, number(1), "normal_clearing"))
            await until(lambda: outcome(valkey, talks), "it is over")
            return talks, told, cut_off, await cancelled(url, talks)

    talks, told, cut_off, too_late = run(scenario())

    goes_on = "it has been answered and goes on; no further attempt follows"
    assert told == (1, {"id": talks, "outcome": "human", "doing": goes_on})
    assert cut_off == []
    assert record(valkey, talks).outcomes == ("human",)
    assert too_late == (1, {"id": talks, "outcome": "human", "doing": "nothing is left to cancel"})


def test_a_call_that_is_cancelled_before_any_worker_has_seen_its_request_never_begins(url, valkey):
    call = placing.CallRequest("reminder", number(1))

    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=plan()) as at:
            unwanted = str(uuid.uuid4())
            await enqueue(at.client, [placing.cancel_entry(unwanted, time.time())])
            await until(lambda: record(valkey, unwanted), "that is known")
            entry = placing.entry_of("key", call, loaded_plan(plan()), unwanted, time.time())
            await enqueue(at.client, [entry])
            await until(lambda: outcome(valkey, unwanted), "its request is known")
            return unwanted, dials(there)

    unwanted, asked = run(scenario())

    assert (asked, outcome(valkey, unwanted)) == ([], "cancelled")


@pytest.mark.parametrize("name", ["nobody", "6f8a1c7e-2a40-4d8a-9d5b-0d7f3c1b2a11", "\x1b[2J"])
def test_what_is_no_call_of_ours_is_told_so_and_queues_nothing(url, valkey, name):
    done = cancel(url, name)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("trunkline calls cancel: no call ")
    assert valkey.llen(queues.queue_key("routing")) == 0


def test_where_no_worker_is_at_work_it_says_that_it_waits(url, valkey):
    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=plan()):
            valkey.hset(queues.outbound_key("reminder"), "paused", "1")
            (waits,) = await place(url, plan(), number(1))
            await until(lambda: valkey.zcard(queues.waiting_key("reminder")), "it waits")
            return waits

    waits = run(scenario())
    done = cancel(url, waits)

    assert done.returncode == 1
    assert json.loads(done.stdout)["doing"] == "no worker has taken it yet"
    assert valkey.lrange(queues.queue_key("routing"), 0, -1) == [f"cancel-{waits}".encode()]
