"""Dead letters run again: each at once with its account, as often as it is asked for."""

import asyncio
import json
import time

import pytest
from rq.registry import FailedJobRegistry

from console.dead.reading import with_reason
from console.dead.replay import Pace, replay
from shared import queues
from shared.queues import MsgpackSerializer
from shared.settings import Settings
from shared.valkey import connect
from tests.command import trunkline_process
from tests.integration.dead.letters import broken, park, parked, told
from tests.integration.happened import call_of
from tests.integration.workers.bench import Account, accept, account, exchange, noted, run, settled, until, working
from tests.integration.workers.queued import put, put_recording
from tests.integration.workers.telnyx import in_turn, telnyx
from tests.redis_servers import contents


def test_to_look_changes_nothing(dead, redis_url, valkey):
    ids = parked(redis_url, noted("one"), noted("two"))
    valkey.lpush(queues.PARKED, f"an-id {time.time()} a reason")
    before = contents(valkey)

    dead("list")
    dead("show", ids[0])
    for words in (("--all",), ("--reason", "patience"), (ids[0],), ("--all", "--include-stale")):
        dead("replay", *words, "--dry-run")

    assert contents(valkey) == before


def test_a_replayed_event_is_applied_and_the_account_adds_up_at_every_step(dead, redis_url, valkey):
    valkey.set(queues.call_key(call_of("session-1")), "no record")
    body = noted()
    (job_id,) = run(accept(redis_url, body))
    accepted_at = valkey.zscore(queues.pending_key("routing"), job_id)

    async def until_parked():
        async with working(redis_url):
            await settled(valkey, 0, 1)

    run(until_parked())
    valkey.delete(queues.call_key(call_of("session-1")))  # what was wrong is mended
    (group,) = told(dead, "list")["groups"]
    code, _ = dead("replay", job_id)
    steps = [account(valkey)]

    async def until_applied():
        async with working(redis_url):
            await settled(valkey, 1)
            await until(lambda: not valkey.exists(queues.job_key(job_id)), "it is finished")

    assert valkey.zscore(queues.pending_key("routing"), job_id) == accepted_at
    assert valkey.ttl(queues.job_key(job_id)) == -1
    run(until_applied())
    steps.append(account(valkey))
    assert group["reason"].startswith("N exceptions, the last ResponseError in ")
    assert (code, steps) == (0, [Account(1, 0, 0, 1), Account(1, 1, 0, 0)])
    assert dead("list") == (0, "none\n")


def test_a_replayed_job_begins_anew(dead, redis_url, valkey):
    job_id = put(valkey, noted(), exceptions=2, lost_leases=2, retries_left=queues.RETRIES_LEFT - 1)
    park(redis_url, "a reason")
    dead("replay", job_id)

    async def taken():
        async with exchange(redis_url, "worker-a") as one:
            return (await one.trip([], 0.0, 32, [])).taken

    (job,) = run(taken())

    assert (job.id, job.exceptions, job.lost_leases) == (job_id, 0, 0)


def test_a_letter_that_is_parked_again_can_be_replayed_again(dead, redis_url, valkey):
    (job_id,) = parked(redis_url, noted())
    accounts = []

    for _ in range(2):
        dead("replay", job_id)
        accounts.append(account(valkey))
        park(redis_url, "again")
        accounts.append(account(valkey))

    assert accounts == [Account(1, 0, 0, 1), Account(1, 0, 1, 0)] * 2


def test_what_rq_requeues_stays_in_balance_and_is_no_letter_any_more(dead, redis_url, valkey):
    (job_id,) = parked(redis_url, noted())
    FailedJobRegistry("routing", connection=valkey, serializer=MsgpackSerializer).requeue(job_id)
    before = contents(valkey)

    code, text = dead("replay", job_id)

    assert (code, text.count("\n"), job_id in text) == (1, 1, True)
    assert contents(valkey) == before
    park(redis_url, "and parked once more")
    dead("replay", job_id)
    assert account(valkey) == (1, 0, 0, 1)


def test_a_copy_that_runs_is_not_put_into_the_queue_again(dead, redis_url, valkey):
    (job_id,) = parked(redis_url, noted())
    valkey.hset(queues.job_key(job_id), "status", "started")

    code, text = dead("replay", job_id)

    assert (code, "gone" in text) == (1, True)
    assert valkey.llen(queues.queue_key("routing")) == 0
    assert account(valkey) == (1, 0, 1, 0)


def test_the_oldest_go_first(dead, redis_url, valkey):
    ids = parked(redis_url, noted("one"), noted("two"), noted("three"))
    now = time.time() + queues.FAILED_TTL_S
    valkey.zadd(queues.failed_key("routing"), {job_id: now - n for n, job_id in enumerate(ids)})

    dead("replay", "--all", "--rate", "1000")

    assert valkey.lrange(queues.queue_key("routing"), 0, -1) == [job_id.encode() for job_id in reversed(ids)]


def test_a_recording_is_fetched_when_its_host_is_allowed_though_its_call_is_long_over(
    dead, redis_url, valkey, tmp_path
):
    file = b"HTTP/1.1 200 X\r\nContent-Length: 4\r\n\r\nRIFF"
    key = queues.job_key("recording-file")

    async def scenario():
        async with telnyx(in_turn(file)) as there:
            put_recording(valkey, "file", there.url)
            at = {"kind": "recording", "folder": tmp_path}
            async with working(redis_url, **at):
                await until(lambda: valkey.zcard(queues.failed_key("recording")), "it is parked")
            before = account(valkey)
            replay = "dead", "replay", "--reason", "RECORDING_HOSTS", "--json"
            done = await asyncio.to_thread(trunkline_process, *replay, REDIS_URL=redis_url)
            async with working(redis_url, **at, hosts=(there.url.removeprefix("http://"),)):
                await until(lambda: not valkey.exists(key), "it is archived")
            return before, json.loads(done.stdout)

    before, done = run(scenario())

    assert (done["replayed"], done["stale"]) == (1, 0)
    assert (tmp_path / "file.wav").read_bytes() == b"RIFF"
    assert before == account(valkey) == (0, 0, 0, 0)  # a download has no account


def test_what_had_a_broken_hash_is_told_and_cannot_be_replayed_but_discarded(dead, redis_url, valkey):
    job_id = broken(redis_url, valkey)

    (group,) = told(dead, "list")["groups"]
    shown = told(dead, "show", job_id)
    code, text = dead("replay", job_id)
    everything = told(dead, "replay", "--all")
    discarded = told(dead, "discard", job_id)

    assert (group["count"], group["kinds"], group["ids"]) == (1, [], [job_id])
    assert "WRONGTYPE" in group["reason"]
    assert shown["replay"] == "nothing: what it was to do is lost with its hash"
    assert (code, f"{job_id}  broken   nothing left to run" in text) == (1, True)
    assert (everything["replayed"], everything["broken"]) == (0, 1)
    assert discarded == {"discarded": 1}
    assert valkey.exists(queues.PARKED, queues.job_key(job_id)) == 0
    assert account(valkey) == (1, 0, 1, 0)


def test_a_hash_that_broke_after_it_was_parked_spoils_no_list_and_is_not_replayed(dead, redis_url, valkey):
    good, wrong, gone = parked(redis_url, noted("one"), noted("two"), noted("three"))
    valkey.delete(queues.job_key(wrong), queues.job_key(gone))
    valkey.set(queues.job_key(wrong), "no hash")

    reasons = {group["reason"] for group in told(dead, "list")["groups"]}
    done = told(dead, "replay", "--all")

    assert len(reasons) == 3
    assert (done["ids"]["replayed"], sorted(done["ids"]["broken"])) == ([good], sorted([wrong, gone]))
    assert account(valkey) == (3, 0, 2, 1)


@pytest.mark.parametrize("verb", ["replay", "discard"])
def test_nothing_is_done_when_one_of_the_ids_is_no_dead_letter(dead, redis_url, valkey, verb):
    (job_id,) = parked(redis_url, noted())
    before = contents(valkey)

    code, text = dead(verb, job_id, "no-such-id")

    assert (code, text) == (1, "no dead letter 'no-such-id': see trunkline dead list; nothing was changed\n")
    assert contents(valkey) == before


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("replay",), "--all"),
        (("replay", "an-id", "--all"), "--all"),
        (("discard", "--reason", "x", "--all", "--yes"), "--all"),
    ],
)
def test_letters_are_chosen_in_one_way(dead, words, named):
    code, said = dead(*words)

    assert (code, said.count("\n"), named in said) == (2, 1, True)


def test_a_rate_is_kept_while_every_letter_is_replayed(redis_url, valkey):
    """Twelve at five a second: the clock is the test's own, and moves only when the replay waits."""
    ids = [put(valkey, noted(str(n))) for n in range(12)]
    park(redis_url, *("a reason" for _ in ids))
    at = 0.0
    waits = []

    async def sleep(seconds):
        nonlocal at
        at += seconds
        waits.append(valkey.llen(queues.queue_key("routing")))

    async def scenario():
        client = connect(Settings(redis_url=redis_url))
        chosen = await with_reason(client, "", time.time())
        pace = Pace(5.0, lambda: at, sleep)
        done = await replay(client, chosen, pace, include_stale=False, dry_run=False)
        await client.aclose()
        return [one.outcome for one in done]

    assert run(scenario()) == ["replayed"] * 12
    assert (round(at, 6), waits) == (11 / 5, list(range(1, 12)))
