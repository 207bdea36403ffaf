"""Loading and committing: an event finds its call, one version wins, and nothing of the loser remains."""

import msgspec
import pytest
from redis.exceptions import ResponseError

from shared import queues, timeline
from shared.calls import TOMBSTONE_S
from shared.errors import TooNew
from shared.ids import CallId, LegId, SessionId
from tests.integration.workers.bench import account, parts, run
from tests.integration.workers.commits import (
    CALL,
    LEG,
    PLAN_HASH,
    SESSION,
    call,
    change,
    committed,
    decided,
    leg,
    outgoing,
)
from tests.redis_servers import contents
from workers.delivery.change import Loaded
from workers.delivery.store import Where
from workers.logic.decision import Download, Timer

DAY_S = 24 * 3600
OTHER = CallId("call-2")


def everything(valkey):
    """The whole database, by key."""
    return {key: (held, valkey.ttl(key)) for key, held in contents(valkey).items()}


async def keep(store, record):
    before = await store.load_call(record.id)
    return await store.commit(change(before, decided(record)))


@pytest.mark.parametrize(
    ("where", "found"),
    [
        pytest.param(Where(CALL, LegId("leg-2"), None, OTHER), CALL, id="our client_state before the leg"),
        pytest.param(Where(CallId("gone"), LegId("leg-2"), None, OTHER), "call-2", id="no record: the leg"),
        pytest.param(Where(None, LegId("leg-2"), SESSION, OTHER), "call-2", id="the leg before the session"),
        pytest.param(Where(None, LegId("new"), SESSION, OTHER), CALL, id="the session of another leg"),
        pytest.param(Where(None, LegId("new"), SessionId("new"), CallId("new")), "new", id="a new call"),
    ],
)
def test_an_event_finds_its_call_by_client_state_then_leg_then_session(url, where, found):
    async def scenario():
        async with parts(url) as at:
            await keep(at.store, call())
            await keep(at.store, call(OTHER, main=LegId("leg-2"), legs={LegId("leg-2"): leg("session-2")}))
            return await at.store.load(where, None)

    loaded = run(scenario())

    assert loaded.id == found
    assert (loaded.call is None) == (found == "new")


def test_of_two_that_have_read_one_version_one_commits_and_the_other_leaves_nothing(url, valkey):
    async def scenario():
        async with parts(url) as at:
            await keep(at.store, call())
            valkey.zadd(queues.pending_key("routing"), {"event-b": 1.0})
            one, other = [await at.store.load_call(CALL) for _ in range(2)]
            await at.store.commit(change(one, decided(one.call, outgoing(1))))
            kept = everything(valkey)
            lost = decided(call(), outgoing(2), timers=(Timer("wait", 5.0),))
            return kept, await at.store.commit(change(other, lost, event="event-b"))

    kept, loser = run(scenario())

    assert loser.verdict == "stale"
    assert everything(valkey) == kept


BOOKS = {
    "outbox": queues.outbox_key(CALL),
    "applied": queues.applied_key(CALL),
    "timeline": queues.timeline_key(CALL),
    "drain": queues.drain_key("routing"),
    "pending": queues.pending_key("routing"),
    "schedule": queues.schedule_key("routing"),
    "calls": queues.CALLS,
    "stats": queues.STATS,
    "timer": queues.job_key(f"timer-{CALL}-1-a-wait"),
    "download": queues.job_key("recording-file"),
    "queue of recordings": queues.queue_key("recording"),
}


@pytest.mark.parametrize("key", BOOKS.values(), ids=BOOKS)
def test_a_key_of_a_wrong_type_fails_the_commit_before_its_first_write(url, valkey, key):
    valkey.set(key, "of a wrong type")
    kept = everything(valkey)
    file = Download("file", CALL, {}, "wav", "single", "", "")

    async def scenario():
        async with parts(url) as at:
            valkey.delete(queues.plan_key(PLAN_HASH))
            before = Loaded(CALL, 0, None, False)
            decision = decided(call(), outgoing(1), timers=(Timer("a wait", 5.0),), download=file)
            with pytest.raises(ResponseError, match="WRONGTYPE"):
                await at.store.commit(change(before, decision, event="event"))

    run(scenario())

    assert everything(valkey) == kept


def test_an_event_is_applied_and_accounted_once(url, valkey):
    async def scenario():
        async with parts(url) as at:
            valkey.zadd(queues.pending_key("routing"), {"event": 1.0})
            valkey.hincrby(queues.STATS, "accepted", 1)
            first = await at.store.load(Where.of_call(CALL), "event")
            await at.store.commit(change(first, decided(call()), event="event"))
            return (
                first,
                await at.store.load(Where.of_call(CALL), "event"),
                await at.store.load(Where.of_call(CALL), "other"),
            )

    first, again, other = run(scenario())

    assert (first.applied, again.applied, other.applied) == (False, True, False)
    assert account(valkey) == (1, 1, 0, 0)


def test_an_event_that_the_ingress_had_forgotten_and_accepted_anew_leaves_the_account_balanced(url, valkey):
    async def scenario():
        async with parts(url) as at:
            before = await at.store.load_call(CALL)
            await at.store.commit(change(before, decided(call()), event="event"))
            valkey.zadd(queues.pending_key("routing"), {"event": 1.0})
            valkey.hincrby(queues.STATS, "accepted", 1)
            return await at.store.load(Where.of_call(CALL), "event")

    assert run(scenario()).applied
    assert account(valkey) == (1, 1, 0, 0)


def lifetimes(valkey):
    keys = {
        "call": queues.call_key(CALL),
        "applied": queues.applied_key(CALL),
        "leg": queues.leg_key(LEG),
        "session": queues.session_key(SESSION),
    }
    return {valkey.ttl(key) for key in keys.values()}


FOREVER = {-1}


def test_a_call_and_the_ways_to_it_are_kept_until_it_is_over_and_then_a_day(url, valkey):
    async def scenario():
        async with parts(url) as at:
            seen = []
            for record in (call(main=None), call(), call(at="over"), call()):
                before = await at.store.load_call(CALL)
                await at.store.commit(change(before, decided(record), event=f"event-{before.version}"))
                seen.append(lifetimes(valkey))
            return seen

    not_begun, live, over, live_again = run(scenario())

    assert max(not_begun) <= TOMBSTONE_S
    assert min(not_begun) > TOMBSTONE_S - 60
    assert live == FOREVER
    assert max(over) <= TOMBSTONE_S
    assert min(over) > TOMBSTONE_S - 60
    assert live_again == FOREVER


def test_a_call_with_a_command_of_unknown_outcome_is_not_over(url, valkey):
    async def scenario():
        async with parts(url) as at:
            before = await at.store.load_call(CALL)
            await at.store.commit(change(before, decided(call(at="over"), outgoing(1))))

    run(scenario())

    assert valkey.ttl(queues.call_key(CALL)) == -1


def test_a_session_that_is_learned_later_than_its_leg_leads_to_the_call(url, valkey):
    async def scenario():
        async with parts(url) as at:
            await keep(at.store, call(legs={LEG: leg(session="")}))
            await keep(at.store, call())
            return await at.store.load(Where(None, None, SESSION, OTHER), None)

    assert run(scenario()).id == CALL


def test_the_timeline_is_kept_as_long_as_history_days_say(url, valkey):
    async def scenario():
        async with parts(url) as at:
            await keep(at.store, call())

    run(scenario())

    assert 7 * DAY_S - 60 < valkey.ttl(queues.timeline_key(CALL)) <= 7 * DAY_S


def test_the_list_of_calls_ends_where_their_timelines_have_ended(url, valkey):
    valkey.zadd(queues.CALLS, {"call-of-last-month": 1.0})

    async def scenario():
        async with parts(url) as at:
            await keep(at.store, call())

    run(scenario())

    assert valkey.zrange(queues.CALLS, 0, -1) == [CALL.encode()]


def test_a_timer_that_is_cancelled_is_gone_whoever_had_set_it(url, valkey):
    async def scenario():
        async with parts(url, kind="machine_detection") as setter, parts(url) as canceller:
            await setter.store.commit(
                change(await setter.store.load_call(CALL), decided(call(), timers=(Timer("a wait", 5.0),)))
            )
            set_ids = valkey.zrange(queues.schedule_key("machine_detection"), 0, -1)
            before = await canceller.store.load_call(CALL)
            await canceller.store.commit(change(before, decided(call(), cancelled=(("a wait", 1),))))
            return [job_id.decode() for job_id in set_ids]

    (job_id,) = run(scenario())

    assert not valkey.exists(queues.job_key(job_id))
    assert [valkey.zcard(queues.schedule_key(kind)) for kind in queues.KINDS] == [0, 0, 0]


def test_a_record_of_a_newer_version_is_no_error_of_the_event(url, valkey):
    async def scenario():
        async with parts(url) as at:
            await keep(at.store, call())
            newer = msgspec.msgpack.encode({"id": CALL, "legs": "of another shape"})
            valkey.hset(queues.call_key(CALL), "record", newer)
            with pytest.raises(TooNew):
                await at.store.load_call(CALL)

    run(scenario())


def test_a_commit_writes_its_account_of_what_happened(url, valkey):
    async def scenario():
        async with parts(url) as at:
            entry = timeline.encode(timeline.EventEntry("call.answered", 1.0, "noted", 1))
            before = await at.store.load_call(CALL)
            await at.store.commit(change(before, decided(call()))._replace(timeline=[entry]))

    run(scenario())

    (kept,) = valkey.lrange(queues.timeline_key(CALL), 0, -1)
    assert timeline.decode(kept) == timeline.EventEntry("call.answered", 1.0, "noted", 1)


def test_commands_are_stored_with_their_bytes_and_ids_before_anybody_may_send_them(url, valkey):
    async def scenario():
        async with parts(url) as at:
            result = await committed(at.store, outgoing(1), outgoing(2, "dial"))
            return result, valkey.hgetall(queues.outbox_key(CALL))

    result, stored = run(scenario())

    assert result.claim is not None
    assert {name for name in stored if b"." not in name} == {b"1", b"2"}
    assert result.sending == {1, 2}
    for row in (1, 2):
        command = result.claim.waiting[row].command
        assert command.command_id.encode() in command.request.body
        assert stored[f"{row}.uncertain".encode()] == b"1"
        assert float(stored[f"{row}.first".encode()]) == pytest.approx(result.claim.now, abs=0.001)
