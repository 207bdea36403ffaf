"""What the page's buttons do, and that it is written down who pressed them."""

import socket
import time
from importlib.metadata import version

import pytest

from console.page.dead import AT_ONCE, NEWEST
from shared import queues
from tests.integration.dead.letters import GROUPED, REASONS, broken, park, parked
from tests.integration.happened import call_of, happens, of_leg
from tests.integration.workers.bench import CALLER, accept, incoming, noted, run
from tests.waiting import wait_until

FAILED = queues.failed_key("routing")


def test_a_profile_is_paused_and_dials_again(page, valkey):
    assert "reminder" in page.text("outbound")

    paused = page.post("outbound/pause", profile="reminder")
    kept, shown = valkey.hget("trunkline:outbound:reminder", "paused"), page.text("outbound")
    resumed = page.post("outbound/resume", profile="reminder")

    assert (paused.status_code, paused.headers["location"]) == (303, "/console/outbound")
    assert kept == b"1"
    assert ">resume</button>" in shown
    assert ">pause</button>" not in shown
    assert resumed.status_code == 303
    assert not valkey.hexists("trunkline:outbound:reminder", "paused")
    assert page.audited() == [
        {"who": "ana", "action": "outbound pause", "on": "reminder", "changed": True},
        {"who": "ana", "action": "outbound resume", "on": "reminder", "changed": True},
    ]


def test_a_profile_that_nothing_knows_is_not_paused(page, valkey):
    answer = page.post("outbound/pause", profile="nobody's")

    assert answer.status_code == 400
    assert valkey.keys("trunkline:outbound*") == []
    assert page.audited() == []


def test_profiles_are_shown_with_live_and_waiting_calls_and_pace(page, valkey):
    valkey.sadd("trunkline:outbound", "gone")
    valkey.hset("trunkline:outbound:gone", mapping={"rate": "2.5", "most": "8"})
    valkey.sadd("trunkline:live:gone", "a", "b")
    valkey.zadd("trunkline:waiting:gone", {"c": 1})

    text = " ".join(page.text("outbound").split())

    assert 'data-label="live">2 of 8<' in text
    assert 'data-label="waiting">1<' in text
    assert 'data-label="dials per s">2.5<' in text


def test_dead_letters_are_grouped_by_reason(page, redis_url):
    parked(redis_url, noted(), noted(), noted())

    text = page.text("dead")

    assert text.count("<article") == 1
    assert f"<h2>{GROUPED}</h2>" in text
    assert "<b>3</b>" in text
    assert "trunkline dead replay --reason" in text


def test_a_dry_run_changes_nothing(page, redis_url, valkey):
    parked(redis_url, noted(), noted())

    text = page.post("dead/dry-run", reason=GROUPED).text

    assert "Dry run, nothing was changed: 2 would be replayed" in text
    assert (valkey.zcard(FAILED), valkey.llen(queues.queue_key("routing")), page.audited()) == (2, 0, [])


def test_letters_of_a_reason_are_put_back_into_their_queue(page, redis_url, valkey):
    ids = parked(redis_url, noted(), noted())
    others = run(accept(redis_url, noted()))
    park(redis_url, "another reason")

    answer = page.post("dead/replay", reason=GROUPED)

    assert "2 replayed" in answer.text
    assert sorted(job.decode() for job in valkey.lrange(queues.queue_key("routing"), 0, -1)) == sorted(ids)
    assert [job.decode() for job in valkey.zrange(FAILED, 0, -1)] == others
    assert page.audited() == [
        {"who": "ana", "action": "dead replay", "on": GROUPED, "include_stale": False, "replayed": 2}
    ]


def test_letters_of_a_reason_are_thrown_away(page, redis_url, valkey):
    parked(redis_url, noted(), noted())

    answer = page.post("dead/discard", reason=GROUPED)

    assert "2 discarded" in answer.text
    assert (valkey.zcard(FAILED), valkey.hget(queues.STATS, "discarded")) == (0, b"2")
    assert page.audited() == [{"who": "ana", "action": "dead discard", "on": GROUPED, "discarded": 2}]


@pytest.mark.parametrize("action", ["dry-run", "replay", "discard"])
@pytest.mark.parametrize("fields", [{}, {"id": "nobody"}, {"reason": "none of them"}, {"reason": ""}], ids=str)
def test_what_is_no_dead_letter_is_left_alone(page, redis_url, valkey, action, fields):
    parked(redis_url, noted())

    answer = page.post(f"dead/{action}", **fields)

    assert (answer.status_code, valkey.zcard(FAILED), page.audited()) == (404, 1, [])


def test_a_stale_letter_is_replayed_only_when_that_is_asked_for(page, redis_url, valkey):
    happens(redis_url, valkey, incoming("over"), of_leg("call.hangup", "over", hangup_cause="originator_cancel"))
    (stale,) = parked(redis_url, of_leg("call.answered", "over"))
    assert f"call?id={call_of('over')}" in page.text("dead/letter", id=stale)

    kept = page.post("dead/replay", id=stale)
    replayed = page.post("dead/replay", id=stale, stale="yes")

    assert "1 stale" in kept.text
    assert "1 replayed" in replayed.text
    assert [line.get("stale", 0) for line in page.audited()] == [1, 0]


def test_one_letter_is_shown_masked_until_somebody_asks(page, redis_url):
    (job_id,) = parked(redis_url, incoming())

    masked, whole = page.text("dead/letter", id=job_id), page.post("dead/letter", id=job_id)

    assert CALLER not in masked
    assert "call.initiated" in masked
    assert CALLER in whole.text
    assert page.audited() == [{"who": "ana", "action": "dead unmask", "on": job_id}]


def test_a_broken_letter_is_shown_and_thrown_away(page, redis_url, valkey):
    job_id = broken(redis_url, valkey)

    text = page.text("dead/letter", id=job_id)
    gone = page.post("dead/discard", id=job_id)

    assert "nothing: what it was to do is lost with its hash" in text
    assert "1 discarded" in gone.text
    assert valkey.llen(queues.PARKED) == 0


def test_a_click_takes_so_many_and_the_oldest_first(page, valkey):
    now = time.time()
    for n in range(NEWEST + 50):
        valkey.hset(queues.job_key(f"job-{n:03d}"), mapping={"status": "failed", "exc_info": REASONS[0]})
        valkey.zadd(FAILED, {f"job-{n:03d}": now + n})

    assert f"the newest {NEWEST} of each kind" in page.text("dead")
    page.post("dead/discard", reason=GROUPED)

    left = [job.decode() for job in valkey.zrange(FAILED, 0, -1)]
    assert len(left) == NEWEST + 50 - AT_ONCE
    assert left[:51] == [*(f"job-{n:03d}" for n in range(50)), f"job-{50 + AT_ONCE}"]


@pytest.fixture
def worker(valkey, start_worker):
    """A real one of the kind routing."""
    started = start_worker("routing")
    beats = queues.beat_key("routing")
    wait_until(lambda: valkey.zcard(beats), "it beats")
    (name,) = valkey.zrange(beats, 0, -1)
    wait_until(lambda: valkey.hget(b"rq:worker:" + name, "state"), "it is at work")
    return started


def test_workers_are_shown_with_their_host_version_and_beat(page, worker):
    text = " ".join(page.text("queues").split())

    row = text.partition("Workers</h2>")[2].partition("</table>")[0]
    assert socket.gethostname() in row
    assert f'data-label="pid">{worker.popen.pid}<' in row
    assert f'data-label="version">{version("trunkline")}<' in row
    assert " ms ago" in row or " s ago" in row
    assert "not well: no machine_detection worker; no recording worker" in text


def test_workers_of_a_kind_finish_and_stop(page, worker):
    answer = page.post("queues/drain", kind="routing", sure="yes")

    assert "routing: 1 of 1 workers have stopped; 0 jobs wait" in answer.text
    assert worker.wait() == 0
    assert page.audited() == [{"who": "ana", "action": "queues drain", "on": "routing"}]


@pytest.mark.parametrize(
    "fields", [{"kind": "routing"}, {"kind": "nobody's", "sure": "yes"}, {"sure": "yes"}], ids=str
)
def test_no_worker_is_stopped_by_whoever_is_not_sure(page, worker, fields):
    answer = page.post("queues/drain", **fields)

    assert (answer.status_code, worker.popen.poll(), page.audited()) == (400, None, [])
