"""F17: clocks that are wrong, or jump while calls go on: the ingress's, the workers', Valkey's.

A clock is moved by a preloaded library, which needs no root; it moves the wall clock alone, as NTP does.
"""

import itertools
import time

import pytest

from tests import signing
from tests.clocks import Clock
from tests.faults.checker import check, check_events
from tests.faults.morning import Morning, dialplan
from tests.shims import told
from tests.signing import webhook_body
from tests.waiting import wait_until

# The ingress is so many seconds ahead of Telnyx. A timestamp is of whole seconds, up to one before its moment.
GOOD_S = (0, 200, -200, 298, -299)
STALE_S = (301, -301, 3600, -3600, 86_400)
CALLS, PER_S = 120, 4.0
KILLS = 6
PROMISED_S = 5.0  # p99 after the death of a worker; twice that is allowed to a busy machine
STEPS_S = (-60.0, 0.0, 60.0, 0.0)
BETWEEN_S = 6.0


@pytest.fixture
def clock(tmp_path):
    """The clock of what is started with its `env`."""
    numbers = itertools.count()
    return lambda: Clock(tmp_path / f"clock.{next(numbers)}")


def test_an_ingress_takes_what_was_signed_within_five_minutes_of_its_own_clock_and_nothing_else(
    fleet, clock, figures
):
    """By the test's clock, to the second: tests/unit/test_signature.py."""
    off = clock()
    running = fleet().start("web", **off.env)
    answered = {}

    for seconds in (*GOOD_S, *STALE_S, 0):
        off.set(seconds)
        body = webhook_body()
        answered[seconds] = running.post(body), running.books.is_known(signing.event_id_of(body))

    accepted = sum(known for _, known in answered.values())
    figures(
        "F17",
        what="the ingress's clock is wrong by -3600 to 86,400 s; more than 300: 401",
        events=running.books.audit().accepted,
        faults=len(answered),
        lost=running.books.audit().lost,
        note=f"{accepted} of {len(answered)} within the 300 s",
    )
    assert answered == dict.fromkeys(GOOD_S, (200, True)) | dict.fromkeys(STALE_S, (401, False))
    assert running.books.audit().accepted == len(GOOD_S) + 1  # the last one with a clock that is right again


@pytest.mark.long_only
def test_workers_with_clocks_an_hour_off_do_every_call_and_take_over_from_the_dead_in_time(
    fleet, clock, figures, tmp_path, seed
):
    """In the short set the age of a command is never taken too small: tests/integration/workers/test_drain.py."""
    path = dialplan(tmp_path)
    ahead, behind = clock(), clock()
    ahead.set(3600)
    behind.set(-3600)
    running = fleet("--speed", "2", "--seed", str(seed), dialplan=path).start("web", "web")
    for off in (ahead, behind):
        running.start("routing", "machine_detection", "recording", **off.env)
    jumps = itertools.cycle([(ahead, 200.0), (behind, 3600.0), (ahead, 3600.0), (behind, -3600.0)])
    turns = itertools.cycle([ahead, behind])

    with Morning(running, path, calls=CALLS, seed=seed, per_s=PER_S) as morning:
        while running.deaths < KILLS and morning.wait(3.0):
            which, seconds = next(jumps)
            which.set(seconds)
            victim = running.alive("routing")[0]
            running.replace(victim, **next(turns).env)
    running.recovery.until_all_is_taken_up()

    found = check(running.books, morning.plan, morning.seen)
    seconds = sorted(running.recovery.seconds)
    figures(
        "F17",
        what="workers' clocks an hour ahead and behind, jumping; SIGKILL of one now and then",
        events=found.events,
        faults=2 * running.deaths,
        lost=len(found.lost),
        doubled=len(found.doubled),
        recovery=seconds,
    )
    assert found.nothing, found
    assert running.deaths == KILLS
    assert all(second < 2 * PROMISED_S for second in seconds), seconds


def is_off_by(valkey, seconds):
    return abs(valkey.time()[0] - time.time() - seconds) < 2


@pytest.mark.long_only
def test_when_valkeys_clock_jumps_by_a_minute_no_event_is_lost_and_no_command_is_done_twice(
    fleet, clock, figures, tmp_path, seed
):
    """What waits for a timer comes a minute early or late then: that is no promise, and not looked at here."""
    path = dialplan(tmp_path)
    of_valkey = clock()
    with told(of_valkey.env):
        running = fleet("--speed", "2", "--seed", str(seed), dialplan=path)
    running.start()
    up = running.alive()

    with Morning(running, path, calls=CALLS, seed=seed, per_s=PER_S) as morning:
        for seconds in STEPS_S:
            morning.wait(BETWEEN_S)
            of_valkey.set(seconds)
            wait_until(lambda off=seconds: is_off_by(running.redis, off), "Valkey goes by it")
    running.stack.until_quiet(120)

    found = check_events(running.books, morning.seen)
    figures(
        "F17",
        what="Valkey's clock jumps back a minute, and again; forward a minute, and back",
        events=found.events,
        faults=len(STEPS_S),
        lost=len(found.lost),
        doubled=len(found.doubled),
    )
    assert (found.lost, found.doubled, found.changed) == ([], [], [])
    assert found.left_over.keys() <= {"legs"}  # whose timer was late when calls were looked at: they ended since
    assert running.alive() == up
