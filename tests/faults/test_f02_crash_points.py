"""F2: processes die of themselves at each named point of the code, many at once, in the middle of calls.

One worker at one point, in the short set too: tests/e2e/test_crash_points.py.
"""

import signal
from collections import Counter

import pytest

from shared.faults import CRASH_POINTS
from tests.faults.announcing import Announcing
from tests.waiting import wait_until

INGRESS = {"before_store", "after_store"}
ELSEWHERE = {"after_start", "after_commit", "after_write", "before_settle"}  # in tests/e2e/test_crash_points.py
SWEEPER = {"after_sweep"}  # somebody has to die before it: tests/faults/test_f22_owners.py
TIMES = 10
PROMISED_S = 5.0  # p99 after the death of a worker; twice that is allowed to a busy machine
WAITS = [{"fault": "429", "on": "speak", "probability": 0.5, "secs": 1.0}]  # so that claims pass from hand to hand


def rounds(is_long):
    """The points of those that die together."""
    if is_long:
        return [[point] * TIMES for point in sorted(CRASH_POINTS - SWEEPER)]
    return [sorted(CRASH_POINTS - SWEEPER - ELSEWHERE)]


@pytest.fixture
def announcing(fleet, tmp_path):
    announcing = Announcing(fleet, tmp_path)
    announcing.fleet.sim.faults(*WAITS, seed=7)
    announcing.fleet.start("web", "routing")
    return announcing


def until_all_die(announcing, armed):
    """Ring in until each has died of its point; how they ended."""
    running = announcing.fleet
    ended = {}

    def bury():
        for name in [name for name in armed if name not in ended and not running.stack.running[name].is_alive]:
            ended[name] = running.stack.running[name].ended()
            running.kill(name)  # it is dead: what it held is watched from here on
        if len(ended) < len(armed):
            announcing.ring()
        return len(ended) == len(armed)

    wait_until(bury, f"all of {armed} die", 60)
    return ended


def test_whoever_dies_at_any_point_leaves_nothing_undone_and_nothing_done_twice(announcing, figures, is_long):
    running = announcing.fleet
    hit, seconds = Counter(), []

    for points in rounds(is_long):
        running.stack.until_quiet(60)  # else one that is armed may die before it is known to be up
        armed = {}
        for point in points:
            line = "web" if point in INGRESS else "routing"
            armed[running.launch(line, TRUNKLINE_TEST_FAULT=point)] = point
        for name in armed:
            running.until_up(name)
        ended = until_all_die(announcing, armed)
        seconds.append(running.taken_up_after())
        assert {armed[name]: code for name, code in ended.items()} == dict.fromkeys(points, -signal.SIGKILL)
        hit.update(armed.values())
    running.stack.until_quiet(60)

    figures(
        "F2",
        what="death at a named point of the code, several at once; recovery: from the last death of a round",
        events=running.books.audit().accepted,
        faults=hit.total(),
        lost=running.books.audit().lost,
        doubled=len(announcing.doubled()),
        recovery=seconds,
        note=f"{len(hit)} points, {len(announcing.sessions)} calls",
    )
    announcing.assert_each_was_announced_once()
    assert not is_long or hit == dict.fromkeys(CRASH_POINTS - SWEEPER, TIMES)
    assert all(second < 2 * PROMISED_S for second in seconds), seconds
