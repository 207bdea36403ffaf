"""F22: who looks after what the dead have left dies of it, and who held RQ's lock on that has died, too.

No worker of ours takes that lock, or any other: a sweep is one script, and a call is somebody's for 3 s at a time.
"""

import signal
import subprocess
import sys

import pytest
from rq import Queue

from shared.queues import LEASE_S
from tests.e2e.process import Process
from tests.faults.announcing import Announcing
from tests.waiting import wait_until
from workers.engine.sweep import EVERY_S

ROUNDS = 3
PROMISED_S = LEASE_S + EVERY_S  # twice that is allowed to a busy machine
LOCKED_S = 600  # RQ's lock lasts for 899 s
OWNER = """
import sys
import redis, rq
queue = rq.Queue("routing", connection=redis.Redis.from_url(sys.argv[1]))
assert queue.acquire_maintenance_lock()
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def announcing(fleet, tmp_path):
    announcing = Announcing(fleet, tmp_path)
    announcing.fleet.start("web", "routing")
    return announcing


def die_with_rqs_lock(running, folder):
    """A process cleans RQ's registries of our queue, as RQ's own workers do, and is killed meanwhile."""
    argv = [sys.executable, "-c", OWNER, running.stack.redis_url]
    owner = Process(argv, {}, folder / "owner.log", stdin=subprocess.PIPE)
    try:
        wait_until(lambda: owner.log.read_bytes() or not owner.is_alive, "it has the lock")
    finally:
        owner.kill()
    lock = Queue("routing", connection=running.redis).registry_cleaning_key
    return lambda: running.redis.ttl(lock)


def let_die(announcing, first, then):
    """A worker dies at one point, whoever sweeps up after it at another; seconds until a third has taken over."""
    running = announcing.fleet
    running.stack.until_quiet(60)
    (third,) = running.alive("routing")
    victim = running.launch("routing", TRUNKLINE_TEST_FAULT=first)
    sweeper = running.launch("routing", TRUNKLINE_TEST_FAULT=then)
    for name in (victim, sweeper):
        running.until_up(name)

    running.pause(third)  # there is nobody else to sweep
    wait_until(lambda: announcing.ring() or not running.stack.running[victim].is_alive, "a worker dies")
    wait_until(lambda: not running.stack.running[sweeper].is_alive, "the sweeper dies of it")
    died = [running.stack.running[name].ended() for name in (victim, sweeper)]
    running.kill(victim)  # they are dead: what they held is watched from here on
    running.kill(sweeper)
    running.resume(third)
    assert died == [-signal.SIGKILL] * 2
    return running.taken_up_after()


def test_when_a_sweeper_dies_and_rqs_lock_is_held_by_the_dead_others_take_over_at_once(
    announcing, figures, tmp_path, is_long
):
    running = announcing.fleet
    # What the one leaves behind, and the other dies of when it takes it.
    lease, claim = ("after_start", "after_sweep"), ("after_write", "after_claim")
    deaths = [lease, claim] * ROUNDS if is_long else [lease]

    locked_for = die_with_rqs_lock(running, tmp_path)
    seconds = [let_die(announcing, *points) for points in deaths]
    running.stack.until_quiet(60)

    figures(
        "F22",
        what="a worker dies, and the one that sweeps up after it; RQ's own lock is held by the dead",
        events=running.books.audit().accepted,
        faults=running.deaths + 1,
        lost=running.books.audit().lost,
        doubled=len(announcing.doubled()),
        recovery=seconds,
        note=f"RQ's lock is still held for {locked_for()} s",
    )
    assert locked_for() > LOCKED_S
    announcing.assert_each_was_announced_once()
    assert all(one < 2 * PROMISED_S for one in seconds), seconds
