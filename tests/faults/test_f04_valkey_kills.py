"""F4: Valkey is killed again and again while calls of every kind go on, and comes back after 0.2 to 10 s.

Once, in a few seconds: tests/e2e/test_outage.py.
"""

import random
import time

import pytest

from tests.caller import Caller
from tests.faults.checker import check_events
from tests.faults.morning import Morning, dialplan
from tests.waiting import wait_until

KILLS = 20
CALLS, PER_S = 160, 2.0
POLLED_EVERY_S = 0.1  # so the start of a server waits
AWAY_S = [(0.2, 1.0)] * 15 + [(1.0, 3.0)] * 4 + [(10.0, 10.0)]
PROMISED_S = 2.0  # from its accepting connections to the next 200; twice that is allowed to a busy machine
HELD_PROMISED_S = 5.0  # what was leased at the kill, as after the death of a worker


def kill(running, caller, away_s):
    """Valkey is killed, and back after so long: seconds until an event is accepted, and how much was held by then.

    All of that is taken up when this returns.
    """
    running.valkey.terminate()
    time.sleep(away_s)
    running.valkey.start()
    begun = time.monotonic() - POLLED_EVERY_S  # then at the earliest it took connections
    held = running.recovery.watch_all(begun)
    wait_until(lambda: caller.accepted_again(begun), "an event is accepted again")
    running.recovery.until_all_is_taken_up()
    return caller.accepted_again(begun), held


@pytest.mark.long_only
def test_after_each_kill_of_valkey_events_are_accepted_at_once_and_nothing_acknowledged_is_lost(
    fleet, figures, tmp_path, seed
):
    path = dialplan(tmp_path)
    draw = random.Random(seed)
    running = fleet("--speed", "2", "--seed", str(seed), dialplan=path).start()
    up = running.alive()
    accepting, held = [], []

    with (
        Morning(running, path, calls=CALLS, seed=seed, per_s=PER_S) as morning,
        Caller(running.where.web) as caller,
    ):
        for shortest, longest in draw.sample(AWAY_S, KILLS):
            time.sleep(draw.uniform(0.5, 1.5))
            again_s, count = kill(running, caller, draw.uniform(shortest, longest))
            accepting.append(again_s)
            held.append(count)
        assert morning.goes_on(), "the calls were over too early for the last kills"
    running.stack.until_worked_off()

    found = check_events(running.books, morning.seen)
    own = caller.accepted()
    lost = found.lost + [one for one in own if not running.books.is_applied(one)]
    seconds = sorted(running.recovery.seconds)
    figures(
        "F4",
        what="SIGKILL of Valkey, away for 0.2 to 10 s; recovery: until an event is accepted again",
        events=found.events + len(own),
        faults=KILLS,
        lost=len(lost),
        doubled=len(found.doubled),
        recovery=accepting,
    )
    figures(
        "F4",
        what="the same kills; recovery: until the last of what was leased at one is taken up",
        recovery=seconds,
        note=f"{sum(held)} jobs and claims",
    )
    assert (lost, found.doubled, found.changed, found.left_over) == ([], [], [], {})
    assert running.alive() == up
    assert all(second < 2 * PROMISED_S for second in accepting), accepting
    assert all(second < 2 * HELD_PROMISED_S for second in seconds), seconds
