"""Whose turn it is to be dialled, and how fast: pace, live calls, the brake and Telnyx's own limit."""

import json

import pytest

from shared import client_state, queues
from tests.integration.workers.bench import accept, run, until, working
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
from tests.integration.workers.telnyx import reply, telnyx
from tests.signing import webhook_body


def test_a_call_is_dialled_at_once_where_nothing_holds_it_back(url, valkey):
    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=plan()):
            await place(url, plan(), number(1))
            await until(lambda: dials(there), "it is dialled")
            return there.requests[0].body

    body = json.loads(run(scenario()))

    assert (body["to"], body["from"], body["timeout_secs"]) == (number(1), "+13125550300", 30)
    assert client_state.read(body["client_state"]) is not None
    assert live(valkey) == 1


def test_calls_are_dialled_in_the_order_in_which_they_asked_and_no_faster_than_the_profiles_pace(url, valkey):
    text = plan("dials_per_sec = 25.0")

    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=text) as at:
            valkey.hset(queues.outbound_key("reminder"), "paused", "1")
            for n in range(11):
                await place(url, text, number(n))
                await until(lambda n=n: valkey.zcard(queues.waiting_key("reminder")) == n + 1, f"{n} waits")
            valkey.hdel(queues.outbound_key("reminder"), "paused")
            await at.admissions.sweep()
            await until(lambda: len(dials(there)) == 11, "all are dialled")
            return dials(there), there.requests[-1].at - there.requests[0].at

    asked, seconds = run(scenario())

    assert asked == [number(n) for n in range(11)]
    assert seconds > 9 / 25  # ten pauses, and room for a first dial that was slow on its way


def test_never_more_calls_are_live_than_the_profile_allows(url, valkey):
    text = plan("max_live = 2")

    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=text):
            await place(url, text, *(number(n) for n in range(5)))
            seen = []
            for done in range(5):
                await until(lambda done=done: len(dials(there)) == min(5, done + 2), f"the next after {done}")
                seen.append(live(valkey))
                await accept(url, hangup_of(there, dials(there)[done]))
            await until(lambda: live(valkey) == 0, "all are over")
            return seen

    assert max(run(scenario())) <= 2
    assert valkey.zcard(queues.waiting_key("reminder")) == 0


def test_a_paused_profile_dials_nobody_until_it_is_resumed(url, valkey):
    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=plan()) as at:
            valkey.hset(queues.outbound_key("reminder"), "paused", "1")
            await place(url, plan(), number(1))
            await until(lambda: valkey.zcard(queues.waiting_key("reminder")) == 1, "it waits")
            await at.admissions.sweep()
            while_paused = dials(there)
            valkey.hdel(queues.outbound_key("reminder"), "paused")
            await at.admissions.sweep()
            await until(lambda: dials(there), "it is dialled")
            return while_paused

    assert run(scenario()) == []


@pytest.mark.parametrize("code", ["90103", "10011"])
def test_too_many_dials_slow_the_whole_fleet_down_and_fail_no_call(url, valkey, code):
    answers = [reply(429, code, "Retry-After: 1")]

    async def slow(asked):
        return answers.pop() if answers else await dialled(asked)

    async def scenario():
        async with telnyx(slow) as there, working(url, there.url, plan=plan()):
            (first,) = await place(url, plan(), number(1))
            await until(lambda: valkey.exists(queues.DIALS_HOLD), "dials are held")
            (second,) = await place(url, plan(), number(2))
            await until(lambda: len(dials(there)) == 3, "both are dialled in the end")
            return first, second, there.requests

    first, second, requests = run(scenario())

    assert requests[1].at - requests[0].at > 0.9  # the second call waits as the first one does
    assert sorted(dials_of(requests)) == [number(1), number(1), number(2)]
    assert outcome(valkey, first) == outcome(valkey, second) == ""


def dials_of(requests) -> list[str]:
    return [json.loads(asked.body)["to"] for asked in requests]


RING = """
[groups.sales]
members = ["+13125550211", "+13125550212", "+13125550213"]
[[rules]]
name = "sales"
when = { to = "+13125550200" }
then = { do = "ring", group = "sales", otherwise = { do = "say", text = "Nobody." } }
"""


def test_a_ring_group_dials_no_more_than_the_limit_of_a_minute_allows(url, valkey):
    text = plan(limits="dials_per_minute = 2", more=RING)
    ids = {"call_control_id": "v3:caller", "call_leg_id": "caller", "call_session_id": "session"}
    incoming = {**ids, "direction": "incoming", "state": "parked", "from": number(9), "to": "+13125550200"}

    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=text):
            await accept(url, webhook_body("call.initiated", **incoming), webhook_body("call.answered", **ids))
            await until(lambda: len(dials(there)) == 2, "two are rung")
            call_id = valkey.get(queues.leg_key("caller")).decode()
            await until(lambda: not valkey.exists(queues.outbox_key(call_id)), "the third is refused")
            return record(valkey, call_id)

    call = run(scenario())

    refused = [sent for sent in call.sent.values() if sent.code == "limits.dials_per_minute"]
    assert [(sent.verb, sent.state) for sent in refused] == [("dial", "failed")]
