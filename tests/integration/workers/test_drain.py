"""Sending: against a Telnyx that refuses, fails, falls silent and forgets, on real connections."""

import asyncio
import time

import pytest

from shared import queues, timeline
from shared.commands import Request
from shared.telnyx import Telnyx
from tests.integration.workers.bench import loaded_plan, parts, run, until
from tests.integration.workers.commits import CALL, call, change, committed, decided, outgoing
from tests.integration.workers.sending import finished, send, states
from tests.integration.workers.telnyx import in_turn, reply, telnyx
from workers.delivery.attempt import TIMEOUT_S
from workers.delivery.drain import Drain

SILENCE = b""


def answers_of(valkey):
    entries = [
        timeline.decode(entry) for entry in valkey.lrange(queues.timeline_key(CALL), 0, -1) if entry != b"an entry"
    ]
    return [entry for entry in entries if isinstance(entry, timeline.AnswerEntry)]


def sent_with(url, valkey, answer, *sent):
    """Send these commands to a Telnyx that answers so: what it was asked, and what became of them."""

    async def scenario():
        async with telnyx(answer) as there, parts(url, there.url) as at:
            await send(at, *sent)
            return there, await finished(at, valkey)

    return run(scenario())


def pauses(there):
    return [later.at - sooner.at for sooner, later in zip(there.requests, there.requests[1:], strict=False)]


def test_a_5xx_is_repeated_at_once_with_the_same_id_and_bytes(url, valkey):
    there, became = sent_with(url, valkey, in_turn(reply(503), reply(503)), outgoing(1))

    assert len({asked.body for asked in there.requests}) == 1
    assert len({asked.command_id for asked in there.requests}) == 1
    at_once, later = pauses(there)
    assert at_once < later
    assert became == {1: "done"}
    (told,) = answers_of(valkey)
    assert (told.tries, told.status, told.outcome) == (3, 200, "succeeded")


def test_after_half_a_second_of_silence_the_same_bytes_go_out_on_another_connection(url, valkey):
    begun = time.monotonic()
    there, became = sent_with(url, valkey, in_turn(SILENCE), outgoing(1))

    first, second = there.requests
    assert first.body == second.body
    assert first.connection != second.connection
    assert second.at - begun >= 0.5  # counted before its connection is made, which may take the first one longer
    assert second.at - first.at < TIMEOUT_S / 2  # the first one is still waited for
    assert became == {1: "done"}


def test_a_slow_answer_to_the_first_of_both_settles_the_command(url, valkey):
    async def slow_then_silent(_asked):
        if there_was:
            await asyncio.Event().wait()
        there_was.append(1)
        await asyncio.sleep(0.7)
        return reply()

    there_was = []
    there, became = sent_with(url, valkey, slow_then_silent, outgoing(1))

    assert len(there.requests) == 2
    assert became == {1: "done"}


def test_a_refusal_after_a_silence_leaves_the_outcome_unknown(url, valkey):
    there, became = sent_with(url, valkey, in_turn(SILENCE, reply(422, "90055")), outgoing(1))

    assert len(there.requests) == 2
    assert became == {1: "unknown"}


def test_a_refusal_after_a_5xx_leaves_the_outcome_unknown(url, valkey):
    _, became = sent_with(url, valkey, in_turn(reply(500), reply(422, "90055")), outgoing(1))

    assert became == {1: "unknown"}


def test_a_refusal_at_the_first_try_is_a_failure(url, valkey):
    there, became = sent_with(url, valkey, in_turn(reply(422, "90055")), outgoing(1))

    assert len(there.requests) == 1
    assert became == {1: "failed"}


def test_a_429_gives_the_call_back_and_comes_back_after_the_wait_that_was_asked_for(url, valkey):
    async def scenario():
        async with telnyx(in_turn(reply(429, "10011", "Retry-After: 1"))) as there, parts(url, there.url) as at:
            await send(at, outgoing(1))
            await until(lambda: len(there.requests) == 1 and not len(at.drains), "the call is given back")
            held = valkey.hget(queues.call_key(CALL), "token")
            return held, there, await finished(at, valkey)

    held, there, became = run(scenario())

    assert held is None
    assert pauses(there)[0] > 0.95
    assert there.requests[0].body == there.requests[1].body
    assert became == {1: "done"}


def test_who_has_lost_the_claim_sends_nothing_more(url, valkey):
    async def scenario():
        async def another_takes_it(_asked):
            valkey.hset(queues.call_key(CALL), "token", "another/1")
            return reply(503)

        async with telnyx(another_takes_it) as there, parts(url, there.url) as at:
            await send(at, outgoing(1))
            await until(lambda: there.requests and not len(at.drains), "it has noticed")
            return there, await states(at)

    there, became = run(scenario())

    assert len(there.requests) == 1
    assert became == {1: "open"}


def test_a_telnyx_that_cannot_be_reached_is_tried_again_by_whoever_claims_the_call(url, valkey):
    async def scenario():
        async with parts(url) as nobody_there:
            await send(nobody_there, outgoing(1))
            stored = queues.outbox_key(CALL)
            await until(lambda: valkey.hget(stored, "1.uncertain") == b"0", "the call is given back")
        async with telnyx() as there, parts(url, there.url, worker="worker-b") as at:
            valkey.zadd(queues.drain_key("routing"), {CALL: 1.0})
            await at.drains.claim_due()
            return there, await finished(at, valkey)

    there, became = run(scenario())

    assert len(there.requests) == 1
    assert became == {1: "done"}


def test_commands_to_one_leg_go_out_in_order_and_dials_beside_each_other(url, valkey):
    async def slow(_asked):
        await asyncio.sleep(0.15)
        return reply()

    there, became = sent_with(
        url, valkey, slow, outgoing(1), outgoing(2), *(outgoing(row, "dial") for row in (3, 4, 5))
    )

    paths = [asked.path for asked in there.requests]
    assert sorted(paths[:4]) == ["/calls", "/calls", "/calls", "/calls/v3:leg-1/actions/hangup"]
    assert there.most_at_once == 4
    assert there.requests[4].at - there.requests[0].at > 0.1
    assert set(became.values()) == {"done"}


def test_a_silent_dial_does_not_hold_up_the_next_try_of_another(url, valkey):
    """The one is answered when the other has been tried for the third time, and no sooner."""

    async def scenario():
        asked_thrice = asyncio.Event()
        tries = 0

        async def answer(asked):
            nonlocal tries
            if b"+13125550201" in asked.body:
                await asked_thrice.wait()
                return reply()
            tries += 1
            if tries < 3:
                return reply(503)
            asked_thrice.set()
            return reply()

        async with telnyx(answer) as there, parts(url, there.url) as at:
            await send(at, outgoing(1, "dial"), outgoing(2, "dial"))
            return there, await finished(at, valkey)

    there, became = run(scenario())

    silent = [asked for asked in there.requests if b"+13125550201" in asked.body]
    assert len(silent) <= 2  # and its copy after half a second; one that is given up comes a third time
    assert became == {1: "done", 2: "done"}


def test_a_command_is_not_sent_when_its_call_ended_while_it_waited(url, valkey):
    async def scenario():
        async with telnyx(in_turn(reply(429, "10011", "Retry-After: 1"))) as there, parts(url, there.url) as at:
            await send(at, outgoing(1, "dial"))
            await until(lambda: there.requests and not len(at.drains), "the call is given back")
            before = await at.store.load_call(CALL)
            ended = change(before, decided(call(at="over", sent=before.call.sent)))
            at.drains.start((await at.store.commit(ended)).claim, frozenset())
            return there, await finished(at, valkey)

    there, became = run(scenario())

    assert len(there.requests) == 1
    assert became == {1: "void"}


def test_a_call_that_ended_does_not_make_an_unproven_command_a_failed_one(url, valkey):
    async def scenario():
        async with telnyx() as there, parts(url, there.url) as at:
            claim = (await committed(at.store, outgoing(1, "dial"))).claim
            tried = claim.waiting[1]._replace(tries=1, uncertain=True)
            before = await at.store.load_call(CALL)
            await at.store.commit(
                change(before, decided(call(at="over", sent=before.call.sent)), token=claim.token)
            )
            await at.store.release(claim, [tried], claim.now, 0.0)
            await at.drains.claim_due()
            return there, await finished(at, valkey)

    there, became = run(scenario())

    assert there.requests == []
    assert became == {1: "unknown"}


@pytest.mark.parametrize(("uncertain", "became"), [(True, "unknown"), (False, "again")])
def test_past_50_s_a_command_is_never_sent_again(url, valkey, uncertain, became):
    async def scenario():
        async with telnyx() as there, parts(url, there.url) as at:
            claim = (await committed(at.store, outgoing(1))).claim
            tried = claim.waiting[1]._replace(tries=1, uncertain=uncertain)
            await at.store.release(claim, [tried], claim.now, 0.0)
            valkey.hset(queues.outbox_key(CALL), "1.first", claim.now - 51)
            await at.drains.claim_due()
            return there, await finished(at, valkey)

    there, states_then = run(scenario())

    assert there.requests == []
    assert states_then == {1: became}


def test_a_process_that_was_stopped_before_the_write_does_not_write_after_50_s():
    async def scenario():
        async with telnyx() as there:
            client = Telnyx(there.url, "the-key")
            answer = await client.send(Request("POST", "/calls", b"{}"), 5.0, not_after=time.monotonic() - 0.001)
            await client.aclose()
            return there, answer

    there, answer = run(scenario())

    assert there.requests == []
    assert (answer.status, answer.reached) == (None, False)


def test_the_age_of_a_command_is_never_taken_too_small(url, valkey):
    """A process may be stopped between asking for a claim and reading it: SIGSTOP, a slow network."""

    async def scenario():
        async with telnyx() as there, parts(url, there.url) as at:
            claim = (await committed(at.store, outgoing(1))).claim
            late = claim._replace(asked=claim.asked - 51)
            at.drains.start(late, frozenset({1}))
            return there, await finished(at, valkey)

    there, became = run(scenario())

    assert there.requests == []
    assert became == {1: "again"}


def test_a_worker_that_dies_during_a_later_try_leaves_it_unproven(url, valkey):
    async def scenario():
        async with telnyx(in_turn(reply(429, "10011", "Retry-After: 30"), SILENCE, SILENCE)) as there:
            async with parts(url, there.url) as at:
                await send(at, outgoing(1))
                await until(lambda: valkey.hget(queues.outbox_key(CALL), "1.uncertain") == b"0", "it was refused")
                valkey.zadd(queues.drain_key("routing"), {CALL: 1.0})
                valkey.hset(queues.outbox_key(CALL), "1.next", 0)
                (claim,) = await at.store.claim(1)
                drain = Drain(claim, frozenset(), at.store, at.telnyx, at.handler.settle, loaded_plan().plan)
                dying = asyncio.create_task(drain.run())
                await until(lambda: len(there.requests) == 2, "the second try is under way")
                dying.cancel()
            async with parts(url, there.url, worker="worker-b") as heir:
                valkey.zadd(queues.drain_key("routing"), {CALL: 1.0})
                (claim,) = await heir.store.claim(1)
                return claim.waiting[1]

    assert run(scenario()).uncertain
