"""F15: a thousand events of one call at once, on six workers that contend for it.

A hundred on two workers: tests/e2e/test_engine.py.
"""

import time

import pytest

from shared.ids import SessionId, inbound_call_id
from tests import signing
from tests.delivering import deliver_all

COUNT, WORKERS = 1_000, 6
SENDERS = 8
TRIES = 3.0  # of the version check, in the mean: less than that
LOST_RACE = "commit_lost_race"  # as a worker logs it
IDS = {"call_session_id": "hot", "call_leg_id": "hot-leg", "call_control_id": "v3:hot"}


@pytest.mark.long_only
def test_of_a_thousand_events_of_one_call_at_once_each_is_applied_once_and_none_is_lost(fleet, figures):
    running = fleet("--adopt").start("web", *["routing"] * WORKERS, LOG_LEVEL="DEBUG")
    running.sim.config(webhook_url=None)
    begin = signing.webhook_body("call.initiated", **IDS, direction="incoming", to="+13125550300")
    bodies = [begin, *(signing.webhook_body("call.speak.ended", **IDS) for _ in range(COUNT - 1))]

    for name in running.alive("routing"):
        running.pause(name)  # so that all of them are there at once
    deliver_all(running.post, bodies, SENDERS)
    for name in running.alive("routing"):
        running.resume(name)
    since = time.monotonic()
    running.stack.until_worked_off(60)
    seconds = time.monotonic() - since

    call = inbound_call_id(SessionId("hot"))
    applied = [event.id for event in running.books.events(call) if event.raw]
    shares = [len(running.log_of(name, LOST_RACE)) for name in running.alive("routing")]
    tries = 1 + sum(shares) / COUNT
    audit = running.books.audit()
    figures(
        "F15",
        what="1,000 events of one call at once, on six workers of one kind",
        events=COUNT,
        lost=COUNT - len(set(applied)),
        doubled=len(applied) - len(set(applied)),
        note=f"{tries:.2f} tries of the version check in the mean, {seconds:.1f} s",
    )
    assert sorted(applied) == sorted(map(signing.event_id_of, bodies))
    assert len(running.books.call(call).main_leg.spoken_at) == COUNT - 1  # nobody has written over another's
    assert (audit.applied, audit.parked, audit.is_balanced) == (COUNT, 0, True)
    assert tries < TRIES
