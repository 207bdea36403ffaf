"""The right to send: one holder at a time, fenced by its token."""

import gc

import pytest

from shared import queues
from tests.integration.workers.bench import Parts, parts, run, until
from tests.integration.workers.commits import CALL, call, change, committed, decided, outgoing
from workers.delivery.outbox import Token

DRAIN = queues.drain_key("routing")


def let_claim_run_out(valkey):
    """As when its holder has not renewed it for 3 s."""
    valkey.zadd(DRAIN, {CALL: 1.0}, xx=True)


def token_of(valkey):
    return valkey.hget(queues.call_key(CALL), "token")


async def settled(at: Parts, row: int, token: Token):
    before = await at.store.load_call(CALL)
    return await at.store.commit(change(before, decided(before.call), settle=row, token=token))


def test_a_claimed_call_is_nobody_elses_until_the_claim_runs_out(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            held = await committed(a.store, outgoing(1))
            before = await b.store.claim(10)
            let_claim_run_out(valkey)
            return held.claim, before, await b.store.claim(10)

    held, before, after = run(scenario())

    assert before == []
    assert [claim.call for claim in after] == [CALL]
    assert after[0].waiting[1].command == held.waiting[1].command
    assert after[0].waiting[1].uncertain  # its first holder may have sent it


def test_a_commit_of_another_worker_leaves_the_claim_where_it_is_and_nudges_its_holder(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            with valkey.pubsub() as heard:
                heard.subscribe(queues.nudge_channel("worker-a"))
                heard.get_message(timeout=5.0)
                await committed(a.store, outgoing(1))
                second = await committed(b.store, outgoing(2, "dial"))
                return second, heard.get_message(timeout=5.0)

    second, nudge = run(scenario())

    assert second.verdict == "ok"
    assert second.claim is None
    assert nudge["data"] == CALL.encode()


def test_a_commit_takes_over_a_claim_that_has_run_out(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            await committed(a.store, outgoing(1))
            let_claim_run_out(valkey)
            return await committed(b.store, outgoing(2, "dial"))

    claim = run(scenario()).claim

    assert claim is not None
    assert set(claim.waiting) == {1, 2}


def test_who_has_lost_a_claim_can_settle_stamp_and_release_nothing(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            lost = (await committed(a.store, outgoing(1))).claim
            let_claim_run_out(valkey)
            (held,) = await b.store.claim(1)
            fenced = await settled(a, 1, lost.token)
            stamped = await a.store.stamp(lost, [lost.waiting[1].command])
            await a.store.release(lost, list(lost.waiting.values()), lost.now, 9.0)
            return fenced, stamped, held

    fenced, stamped, held = run(scenario())

    assert fenced.verdict == "fenced"
    assert stamped is None
    assert token_of(valkey) == held.token.encode()
    assert valkey.hexists(queues.outbox_key(CALL), 1)
    assert valkey.zscore(DRAIN, CALL) < held.now + 4


def test_a_claim_that_is_lost_in_the_middle_of_many_tries_is_no_error(url, valkey, caplog):
    async def scenario():
        async with parts(url) as at:
            claim = (await committed(at.store, *(outgoing(row, "dial") for row in range(1, 9)))).claim
            tried = {row: one._replace(first_at=claim.now, tries=1) for row, one in claim.waiting.items()}
            valkey.hset(queues.call_key(CALL), "token", "another/1")
            at.drains.start(claim._replace(waiting=tried), frozenset())
            await until(lambda: not len(at.drains), "it has noticed")

    run(scenario())
    gc.collect()  # asyncio tells of an exception that nobody has seen when its task is forgotten

    assert [line.getMessage() for line in caplog.records if line.levelname == "ERROR"] == []


def test_a_call_leaves_the_drain_with_its_last_command_and_not_before(url, valkey):
    async def scenario():
        async with parts(url) as at:
            claim = (await committed(at.store, outgoing(1), outgoing(2))).claim
            first = await settled(at, 1, claim.token)
            seen = [(valkey.zscore(DRAIN, CALL) is not None, token_of(valkey))]
            last = await settled(at, 2, claim.token)
            seen.append((valkey.zscore(DRAIN, CALL) is not None, token_of(valkey)))
            return claim, first, last, seen

    claim, first, last, seen = run(scenario())

    assert first.claim is not None
    assert set(first.claim.waiting) == {2}
    assert last.claim is None
    assert seen == [(True, claim.token.encode()), (False, None)]
    assert not valkey.exists(queues.outbox_key(CALL))


def test_a_released_call_is_due_when_its_next_try_is_and_no_sooner(url, valkey):
    async def scenario():
        async with parts(url) as at:
            claim = (await committed(at.store, outgoing(1))).claim
            await at.store.release(claim, list(claim.waiting.values()), claim.now, 30.0)
            return claim.now, await at.store.claim(10), await at.store.claim(1, CALL)

    now, all_due, this_one = run(scenario())

    assert all_due == this_one == []
    assert valkey.zscore(DRAIN, CALL) == pytest.approx(now + 30, abs=5)
    assert token_of(valkey) is None


def test_a_call_is_not_released_over_a_command_that_its_holder_has_not_seen(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            claim = (await committed(a.store, outgoing(1))).claim
            await committed(b.store, outgoing(2, "dial"))
            return claim, await a.store.release(claim, list(claim.waiting.values()), claim.now, 60.0)

    claim, again = run(scenario())

    assert again is not None
    assert again.token == claim.token
    assert set(again.waiting) == {1, 2}
    assert set(again.record.sent) == {1, 2}
    assert token_of(valkey) == claim.token.encode()


def test_right_after_an_outage_a_held_claim_is_left_to_its_holder(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            await committed(a.store, outgoing(1))
            let_claim_run_out(valkey)
            valkey.set(queues.patience_key("routing"), 1)
            patient = await b.store.claim(10), await committed(b.store, outgoing(2, "dial"))
            valkey.delete(queues.patience_key("routing"))
            return patient, await b.store.claim(10)

    (claimed, commit), afterwards = run(scenario())

    assert claimed == []
    assert commit.claim is None
    assert [claim.call for claim in afterwards] == [CALL]


def test_right_after_an_outage_a_call_that_nobody_holds_is_taken(url, valkey):
    async def scenario():
        async with parts(url) as at:
            claim = (await committed(at.store, outgoing(1))).claim
            await at.store.release(claim, list(claim.waiting.values()), claim.now, 0.0)
            valkey.set(queues.patience_key("routing"), 1)
            return await at.store.claim(10)

    assert len(run(scenario())) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda valkey: valkey.hset(queues.call_key("call-0"), "record", b"\xc1"), id="no record"),
        pytest.param(lambda valkey: valkey.hset(queues.outbox_key("call-0"), "1", b"\xc1"), id="no command"),
        pytest.param(lambda valkey: valkey.hset(queues.outbox_key("call-0"), "x", b"1"), id="no row"),
        pytest.param(
            lambda valkey: (valkey.delete(queues.call_key("call-0")), valkey.set(queues.call_key("call-0"), 1)),
            id="a key of a wrong type",
        ),
    ],
)
def test_a_call_that_cannot_be_read_keeps_nobody_from_the_others(url, valkey, spoil):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            for call_id in ("call-0", "call-1"):
                await committed(a.store, outgoing(1), call_id=call_id)
            spoil(valkey)
            for call_id in ("call-0", "call-1"):
                valkey.zadd(DRAIN, {call_id: 1.0})
            return await b.store.claim(10)

    assert [claim.call for claim in run(scenario())] == ["call-1"]
    assert valkey.zscore(DRAIN, "call-0") > 1.0  # it goes to the end of the line


def test_a_call_without_a_record_has_no_commands_to_send(url, valkey):
    async def scenario():
        async with parts(url) as at:
            await committed(at.store, outgoing(1))
            valkey.delete(queues.call_key(CALL))
            let_claim_run_out(valkey)
            return await at.store.claim(10)

    assert run(scenario()) == []
    assert valkey.zscore(DRAIN, CALL) is None


def test_the_record_that_comes_with_a_claim_is_the_newest(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            claim = (await committed(a.store, outgoing(1))).claim
            before = await b.store.load_call(CALL)
            await b.store.commit(change(before, decided(call(at="over", sent=before.call.sent))))
            return await a.store.stamp(claim, [])

    assert run(scenario()).record.step.at == "over"
