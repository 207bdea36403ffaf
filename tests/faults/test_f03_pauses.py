"""F3: a worker stands still in the middle of its calls, as on a machine out of breath, and then goes on."""

import itertools
import time

import pytest

from shared.queues import LEASE_S
from tests.faults.announcing import LONG_TEXT, Announcing
from tests.waiting import wait_until
from workers.delivery.retry import RESEND_WITHIN_S

UNSEEN = [{"fault": "silence", "on": "speak", "probability": 0.5}, {"fault": "slow"}]  # many tries at any moment
IN_HAND = 4  # calls: then some of them wait for that end
PAUSES_S = (1.0, 10.0, 10.0, 1.0, 10.0)
LONG_S = 70.0
SHORT_S = LEASE_S + 0.1  # and as long as others need to take up what it held
PROMISED_S = 5.0  # as after the death of a worker; twice that is allowed to a busy machine
RECEIPT_S = 2.0  # on loopback, from the last byte to the ledger of the stand-in, with a margin


@pytest.fixture
def announcing(fleet, tmp_path):
    announcing = Announcing(fleet, tmp_path, LONG_TEXT)
    announcing.fleet.sim.faults(*UNSEEN, seed=7)
    return announcing


def stop_while_it_holds_something(announcing, name):
    """SIGSTOP, in the middle of commands; the time (monotonic)."""

    def stopped():
        announcing.ring()
        announcing.fleet.pause(name)
        if announcing.fleet.holds(name) >= IN_HAND:
            announcing.fleet.lose(name)
            return time.monotonic()
        announcing.fleet.resume(name)
        return None

    return wait_until(stopped, f"{name} has something in hand")


def stand_still(announcing, name, for_s):
    """One pause, with callers meanwhile; after a long one others have what it held."""
    since = stop_while_it_holds_something(announcing, name)
    announcing.ring_for(for_s - (time.monotonic() - since))
    if for_s > LEASE_S:
        announcing.fleet.recovery.until_all_is_taken_up()
    announcing.fleet.resume(name)
    announcing.fleet.recovery.until_all_is_taken_up()


def ages(announcing):
    """Seconds from the first arrival of each command at Telnyx to each of its arrivals."""
    by_id = itertools.groupby(
        sorted(announcing.fleet.sim.ledger(), key=lambda one: (str(one.command_id), one.seq)),
        key=lambda one: one.command_id,
    )
    return [one.at - arrivals[0].at for _, group in by_id for arrivals in [list(group)] for one in arrivals]


def test_a_worker_that_stood_still_does_nothing_twice_and_its_calls_go_on_without_it(announcing, figures, is_long):
    running = announcing.fleet
    running.start("web", *["routing"] * (3 if is_long else 2))
    first, second = running.alive("routing")[:2]
    pauses = 0

    if is_long:
        since = stop_while_it_holds_something(announcing, first)
        for for_s in itertools.cycle(PAUSES_S):
            if time.monotonic() - since > LONG_S - max(PAUSES_S):
                break
            stand_still(announcing, second, for_s)
            pauses += 1
        announcing.ring_for(LONG_S - (time.monotonic() - since))
        running.resume(first)
    else:
        stand_still(announcing, first, SHORT_S)
    pauses += 1
    running.sim.faults()
    running.stack.until_quiet(60)

    seconds, oldest = sorted(running.recovery.seconds), max(ages(announcing))
    figures(
        "F3",
        what="SIGSTOP of a worker that has commands in hand, for 1, 10 and 70 s; recovery: by the others",
        events=running.books.audit().accepted,
        faults=pauses,
        lost=running.books.audit().lost,
        doubled=len(announcing.doubled()),
        recovery=seconds,
        note=f"{len(announcing.sessions)} calls, oldest repeat {oldest:.1f} s",
    )
    announcing.assert_each_was_announced_once()
    assert oldest < RESEND_WITHIN_S + RECEIPT_S
    assert all(one < 2 * PROMISED_S for one in seconds), seconds
    assert len(running.alive()) == len(running.stack.running)
