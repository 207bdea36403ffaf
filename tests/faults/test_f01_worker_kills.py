"""F1: workers are killed at random while calls of every kind go on; others take up what they had in hand."""

import random
import time

from shared.queues import KINDS
from tests.faults.checker import check
from tests.faults.fleet import LINES
from tests.faults.morning import Morning, dialplan
from tests.waiting import wait_until

SLOW = {"fault": "slow"}  # so that at any moment commands are on their way

PROMISED_S = 5.0  # p99; twice that is allowed to a busy machine


def victim(running, draw):
    """A worker in the middle of something, where there is one, and where another can take it up."""
    workers = wait_until(running.spare, "there are two of a kind")
    order = draw.sample(workers, len(workers))
    return next(filter(running.holds, order), order[0])


def test_killed_workers_lose_nothing_and_double_nothing(fleet, figures, tmp_path, seed, is_long):
    calls, per_s, every_s, kills = (1_300, 3.0, 0.75, 500) if is_long else (30, 6.0, 0.5, 5)
    path = dialplan(tmp_path)
    draw = random.Random(seed)
    running = fleet("--speed", "2", "--seed", str(seed), dialplan=path)
    running.start(*(LINES if is_long else ("web", *KINDS)), "routing")
    running.sim.faults(SLOW)

    with Morning(running, path, calls=calls, seed=seed, per_s=per_s) as morning:
        due = time.monotonic()
        while running.deaths < kills and morning.wait(max(0.0, due - time.monotonic())):
            running.replace(victim(running, draw))
            due += every_s  # whatever it took
    running.recovery.until_all_is_taken_up()

    found = check(running.books, morning.plan, morning.seen)
    seconds = sorted(running.recovery.seconds)
    figures(
        "F1",
        what="SIGKILL of a worker that has something in hand, the next in its place",
        events=found.events,
        faults=running.deaths,
        lost=len(found.lost),
        doubled=len(found.doubled),
        recovery=seconds,
        note=f"{len(seconds)} of the dead held something",
    )
    assert found.nothing, found
    assert running.deaths == kills
    assert len(seconds) >= kills // 3  # else nothing was taken from anybody
    assert all(second < 2 * PROMISED_S for second in seconds), seconds
