"""F1: workers are killed at random while calls of every kind go on; others take up what they had in hand."""

import random

from tests.faults.checker import check
from tests.faults.morning import Morning, dialplan

PROMISED_S = 5.0  # p99; twice that is allowed to a busy machine


def test_killed_workers_lose_nothing_and_double_nothing(fleet, figures, tmp_path, seed, is_long):
    calls, per_s, every_s, kills = (1_300, 3.0, 0.7, 500) if is_long else (60, 6.0, 1.0, 10)
    path = dialplan(tmp_path)
    draw = random.Random(seed)
    running = fleet("--speed", "2", "--seed", str(seed), dialplan=path).start()

    with Morning(running, path, calls=calls, seed=seed, per_s=per_s) as morning:
        while running.deaths < kills and morning.wait(every_s):
            running.replace(draw.choice([name for name in running.alive() if not name.startswith("web")]))
    running.recovery.until_all_is_taken_up()

    found = check(running.books, morning.plan, morning.seen)
    seconds = sorted(running.recovery.seconds)
    figures(
        "F1",
        what="SIGKILL of a worker drawn from six, the next in its place",
        events=found.events,
        faults=running.deaths,
        lost=len(found.lost),
        doubled=len(found.doubled),
        recovery=seconds,
    )
    assert found.nothing, found
    assert running.deaths == kills
    assert all(second < 2 * PROMISED_S for second in seconds), seconds
