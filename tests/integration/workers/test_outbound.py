"""Outbound calls over a real server: turn, pace, do-not-call list, attempts and outcome."""

import json
import time
import uuid

import msgspec
import pytest
from redis.asyncio import Redis

from shared import calls, client_state, placing, queues
from shared.calls import Call
from shared.enqueue import enqueue
from shared.ids import CallId
from shared.placing import CallRequest
from tests.integration.workers.bench import accept, loaded_plan, run, settled, until, working
from tests.integration.workers.telnyx import Telnyx, reply, telnyx
from tests.signing import webhook_body

PLAN = """
version = 1
timezone = "UTC"
voice = "female"
[limits]
allow = ["+1*"]
{limits}
[outbound.reminder]
from = "+13125550300"
human = {{ do = "say", text = "Hello." }}
{profile}
[default]
then = {{ do = "reject" }}
"""


def plan(profile: str = "", limits: str = "", more: str = "") -> str:
    return PLAN.format(profile=profile, limits=limits) + more


def number(n: int) -> str:
    return f"+1202555{n:04}"


async def place(url: str, text: str, *to: str) -> list[CallId]:
    """Ask for calls as `POST /calls` does; their ids."""
    loaded = loaded_plan(text)
    ids = [CallId(str(uuid.uuid4())) for _ in to]
    entries = [
        placing.entry_of(str(uuid.uuid4()), CallRequest("reminder", one), loaded, call, time.time())
        for one, call in zip(to, ids, strict=True)
    ]
    async with Redis.from_url(url) as client:
        await enqueue(client, entries)
    return ids


async def dialled(asked) -> bytes:
    """Telnyx takes a dial, and names its leg after the number."""
    body = json.loads(asked.body or b"{}")
    if "to" not in body:
        return reply()
    leg = f"leg-{body['to']}-{body['command_id']}"
    data = {"call_control_id": f"v3:{leg}", "call_leg_id": leg, "call_session_id": f"session-{leg}"}
    answer = json.dumps({"data": data}).encode()
    return b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer)


def dials(there: Telnyx) -> list[str]:
    return [json.loads(asked.body)["to"] for asked in there.requests if asked.path.endswith("/calls")]


def hangup_of(there: Telnyx, to: str, cause: str = "user_busy") -> bytes:
    """The newest dial of a number has ended."""
    bodies = [json.loads(asked.body) for asked in there.requests if asked.path.endswith("/calls")]
    body = next(body for body in reversed(bodies) if body["to"] == to)
    leg = f"leg-{to}-{body['command_id']}"
    return webhook_body(
        "call.hangup",
        call_control_id=f"v3:{leg}",
        call_leg_id=leg,
        call_session_id=f"session-{leg}",
        client_state=body["client_state"],
        hangup_cause=cause,
    )


def record(valkey, call_id: str) -> Call | None:
    data = valkey.hget(queues.call_key(call_id), "record")
    return calls.decode(data) if data else None


def outcome(valkey, call_id: str) -> str:
    call = record(valkey, call_id)
    return call.outcome if call and call.step.at == "over" else ""


def live(valkey) -> int:
    return int(valkey.scard(queues.live_key("reminder")))


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


def test_a_profile_may_leave_the_do_not_call_list_aside(url, valkey):
    valkey.sadd(queues.DNC, number(1))
    text = plan("dnc = false")

    async def scenario():
        async with telnyx(dialled) as there, working(url, there.url, plan=text):
            await place(url, text, number(1))
            await until(lambda: dials(there), "it is dialled")

    run(scenario())


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
