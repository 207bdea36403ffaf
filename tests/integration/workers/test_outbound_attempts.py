"""Who may be dialled and when again: do-not-call list, hours, attempts; and who is told the outcome."""

import json
import time

import msgspec
import pytest

from shared import queues
from tests.integration.workers.bench import accept, loaded_plan, run, settled, until, working
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


def test_a_number_that_is_put_on_the_do_not_call_list_while_its_call_waits_is_not_dialled(url, valkey):
    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=plan()) as at:
            valkey.hset(queues.outbound_key("reminder"), "paused", "1")
            unwanted, wanted = await place(url, plan(), number(1), number(2))
            await until(lambda: valkey.zcard(queues.waiting_key("reminder")) == 2, "both wait")
            valkey.sadd(queues.DNC, number(1))
            valkey.hdel(queues.outbound_key("reminder"), "paused")
            await at.admissions.sweep()
            await until(lambda: outcome(valkey, unwanted) and dials(there), "one is refused, one is dialled")
            return dials(there), outcome(valkey, unwanted), record(valkey, wanted)

    asked, unwanted, wanted = run(scenario())

    assert asked == [number(2)]
    assert unwanted == "dnc"
    assert wanted.live
    assert live(valkey) == 1


@pytest.mark.parametrize("wait_s", [0.3, 1], ids=["its worker waits", "its call is given back"])
def test_nor_is_one_that_is_put_on_the_list_between_two_tries(url, valkey, wait_s):
    answers = [reply(429, "10011", f"Retry-After-Ms: {wait_s * 1000:.0f}")]

    async def refuses_first(asked):
        if not answers:
            return await dialled(asked)
        valkey.sadd(queues.DNC, number(1))
        return answers.pop()

    async def scenario():
        async with telnyx(refuses_first) as there, working(url, there.url, plan=plan()):
            (unwanted,) = await place(url, plan(), number(1))
            await until(lambda: outcome(valkey, unwanted), "it is over")
            return dials(there), outcome(valkey, unwanted)

    assert run(scenario()) == ([number(1)], "dnc")


def test_a_profile_may_leave_the_do_not_call_list_aside(url, valkey):
    valkey.sadd(queues.DNC, number(1))
    text = plan("dnc = false")

    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=text):
            await place(url, text, number(1))
            await until(lambda: dials(there), "it is dialled")

    run(scenario())


def test_a_call_outside_its_hours_waits_for_the_next_opening(url, valkey):
    today = time.gmtime().tm_wday
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(today + 3) % 7]
    hours = f'[schedules.office]\nopen = {{ {day} = ["09:00-10:00"] }}'
    text = plan('schedule = "office"', more=hours)

    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=text):
            await place(url, text, number(1))
            await settled(valkey, 1)
            return dials(there)

    asked = run(scenario())

    ((_, due),) = valkey.zrange(queues.schedule_key("routing"), 0, -1, withscores=True)
    opening = time.gmtime(due)
    assert asked == []
    assert (opening.tm_wday, opening.tm_hour, opening.tm_min) == ((today + 3) % 7, 9, 0)
    assert valkey.ttl(queues.plan_key(loaded_plan(text).hash)) > due - time.time() + 29 * 24 * 3600


def test_a_busy_number_is_dialled_again_after_its_delay_and_then_the_outcome_is_told(url, valkey):
    text = plan('attempts = 2\nretry_after = { busy = "1s" }\non_outcome = "hooks:told"')
    told = []

    async def scenario():
        hooks = {"hooks:told": lambda call, _now: told.append(call)}
        async with telnyx(dialled) as there, working(url, there.url, plan=text, hooks=hooks):
            (call_id,) = await place(url, text, number(1))
            for attempt in (1, 2):
                await until(lambda n=attempt: len(dials(there)) == n, f"attempt {attempt}")
                await accept(url, hangup_of(there, number(1)))
            await until(lambda: told, "the hook is told")
            return call_id, [asked.command_id for asked in there.requests]

    call_id, ids = run(scenario())

    assert len(set(ids)) == 2
    assert outcome(valkey, call_id) == "busy"
    assert record(valkey, call_id).outcomes == ("busy", "busy")
    assert [(call.call, call.outcome, call.outcomes, call.profile) for call in told] == [
        (call_id, "busy", ("busy", "busy"), "reminder")
    ]
    assert live(valkey) == 0


def test_an_outcome_whose_hook_is_missing_is_a_dead_letter_and_not_lost(url, valkey):
    text = plan('on_outcome = "hooks:gone"')

    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=text):
            await place(url, text, number(1))
            await until(lambda: dials(there), "it is dialled")
            await accept(url, hangup_of(there, number(1)))
            await until(lambda: valkey.zcard(queues.failed_key("routing")), "it is parked")

    run(scenario())

    (job_id,) = valkey.zrange(queues.failed_key("routing"), 0, -1)
    reason = valkey.hget(queues.job_key(job_id.decode()), "exc_info").decode()
    assert "the hook 'hooks:gone' could not be loaded" in reason
    told = msgspec.msgpack.decode(valkey.hget(queues.job_key(job_id.decode()), "data"))
    assert json.loads(told[2][2])["call"]["outcome"] == "busy"
