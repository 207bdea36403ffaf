"""What is known of a command outlives whoever had the right to send it."""

import pytest

from shared import queues
from tests.integration.workers.bench import parts, run
from tests.integration.workers.commits import CALL, committed, outgoing
from workers.delivery.outbox import Waiting


def command_of(valkey, row=1):
    return valkey.hget(queues.outbox_key(CALL), row)


def test_what_is_known_of_a_command_survives_its_release(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            claim = (await committed(a.store, outgoing(1))).claim
            item = claim.waiting[1]
            known = item._replace(tries=3, uncertain=False, not_before=claim.now + 0.05)
            await a.store.release(claim, [known], claim.now, 0.05)
            seen: list[Waiting] = []
            while not seen:
                seen = [held.waiting[1] for held in await b.store.claim(1)]
            return item, seen[0]

    before, after = run(scenario())

    assert (after.tries, after.uncertain) == (3, False)
    assert after.not_before > before.first_at
    assert after.first_at == before.first_at
    assert after.command == before.command


def test_a_command_that_was_released_as_proven_is_marked_again_before_its_next_try(url, valkey):
    async def scenario():
        async with parts(url) as at:
            claim = (await committed(at.store, outgoing(1))).claim
            known = claim.waiting[1]._replace(tries=1, uncertain=False)
            await at.store.release(claim, [known], claim.now, 0.0)
            (again,) = await at.store.claim(1)
            return again.waiting[1], (await at.store.stamp(again, [again.waiting[1].command])).waiting[1]

    claimed, stamped = run(scenario())

    assert (claimed.uncertain, stamped.uncertain) == (False, True)
    assert stamped.first_at == claimed.first_at


def test_a_command_is_the_same_bytes_and_id_whatever_happens_to_it(url, valkey):
    async def scenario():
        async with parts(url) as a, parts(url, worker="worker-b") as b:
            claim = (await committed(a.store, outgoing(1))).claim
            stored = [command_of(valkey)]
            await a.store.stamp(claim, [claim.waiting[1].command])
            stored.append(command_of(valkey))
            await a.store.release(claim, list(claim.waiting.values()), claim.now, 0.0)
            stored.append(command_of(valkey))
            (again,) = await b.store.claim(1)
            await committed(b.store, outgoing(2, "dial"), token=again.token)
            stored.append(command_of(valkey))
            return stored, claim.waiting[1].command, again.waiting[1].command

    stored, before, after = run(scenario())

    assert len(set(stored)) == 1
    assert before == after


def test_a_command_with_a_delay_is_not_sent_at_once(url, valkey):
    async def scenario():
        async with parts(url) as at:
            return await committed(at.store, outgoing(1, delay_s=30.0))

    result = run(scenario())

    assert result.sending == frozenset()
    item = result.claim.waiting[1]
    assert item.first_at is None
    assert item.not_before == pytest.approx(result.claim.now + 30, abs=0.1)
