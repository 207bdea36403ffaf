"""F24: workers that Valkey does not see any more, but Telnyx does; and workers that Telnyx does not see.

A claim that was lost, in the short set: tests/integration/workers/test_drain.py and test_claims.py.
"""

import time

import httpx
import pytest

from shared import queues, timeline
from shared.queues import LEASE_S
from shared.timeline import AnswerEntry, CommandEntry
from tests.faults.announcing import LONG_TEXT, Announcing
from tests.relay import Relay
from tests.waiting import wait_until
from workers.delivery.retry import RESEND_WITHIN_S

ROUNDS = 4
PROMISED_S = 5.0  # as after the death of a worker; twice that is allowed to a busy machine
UNSEEN = [{"fault": "silence", "on": "speak", "probability": 0.8}, {"fault": "slow"}]  # many tries at any moment


@pytest.fixture
def relay():
    """Relays of the test's own: `relay(port)`."""
    relays = []

    def build(port):
        relays.append(Relay(port))
        return relays[-1]

    yield build
    for one in relays:
        one.close()


@pytest.fixture
def announcing(fleet, tmp_path):
    announcing = Announcing(fleet, tmp_path, LONG_TEXT)
    announcing.fleet.start("web", "routing")
    return announcing


def through(relay, url):
    return str(httpx.URL(url).copy_with(port=relay.port))


def port_of(url):
    return httpx.URL(url).port


@pytest.mark.long_only
def test_a_worker_cut_off_from_valkey_sends_nothing_beyond_its_lease_and_nothing_is_done_twice(
    announcing, relay, figures
):
    running = announcing.fleet
    side, way = relay(running.valkey.port), relay(port_of(running.sim.url))
    cut_off = running.launch(
        "routing",
        REDIS_URL=f"redis://127.0.0.1:{side.port}/0",
        TELNYX_BASE_URL=through(way, running.sim.url),
    )
    running.until_up(cut_off)
    running.sim.faults(*UNSEEN, seed=7)
    late = []

    for cut in [side.hold, side.refuse] * (ROUNDS // 2):
        announcing.ring_for(3.0)
        cut()
        parted = time.monotonic()
        running.lose(cut_off)
        announcing.ring_for(LEASE_S + 2)
        late += [at - parted for at in way.asked_at if at > parted + LEASE_S]
        side.targets = [running.valkey.port]
        side.heal()
    running.sim.faults()
    running.recovery.until_all_is_taken_up()
    running.stack.until_quiet(60)

    seconds = sorted(running.recovery.seconds)
    figures(
        "F24",
        what="a worker cut off from Valkey, its way to Telnyx open, for 5 s; recovery: by the other worker",
        events=running.books.audit().accepted,
        faults=ROUNDS,
        lost=running.books.audit().lost,
        doubled=len(announcing.doubled()),
        recovery=seconds,
        note=f"{len(late)} requests later than a lease",
    )
    assert late == []
    announcing.assert_each_was_announced_once()
    assert all(second < 2 * PROMISED_S for second in seconds), seconds
    assert len(running.alive()) == 3


def settled(running):
    """How each command ended, and the seconds from its first try to each of its arrivals."""
    arrived = {}
    for entry in running.sim.ledger():
        arrived.setdefault(entry.command_id, []).append(entry.at)
    for call in running.books.calls():
        entries = [timeline.decode(one) for one in running.redis.lrange(queues.timeline_key(call.id), 0, -1)]
        ids = {entry.row: entry.command_id for entry in entries if isinstance(entry, CommandEntry)}
        for entry in entries:
            if isinstance(entry, AnswerEntry):
                yield entry, [at - entry.sent for at in arrived.get(ids[entry.row], [])]


@pytest.mark.long_only
@pytest.mark.parametrize("away_s", [12.0, RESEND_WITHIN_S + 8.0])
def test_while_telnyx_is_out_of_reach_commands_wait_and_go_out_by_the_rule_or_settle_as_unknown(
    announcing, relay, figures, away_s
):
    """For some seconds, with every answer lost: tests/e2e/test_faults_of_telnyx.py."""
    running = announcing.fleet
    way = relay(port_of(running.sim.url))
    running.kill(running.alive("routing")[0])
    for name in [running.launch("routing", TELNYX_BASE_URL=through(way, running.sim.url)) for _ in range(2)]:
        running.until_up(name)
    announcing.ring_for(1.0)

    way.hold()
    announcing.ring_for(away_s)
    way.refuse()  # what was on its way is gone
    way.targets = [port_of(running.sim.url)]
    way.heal()
    healed, before = time.time(), len(running.sim.ledger())
    wait_until(lambda: len(running.sim.ledger()) > before, "a command goes out again")
    again = running.sim.ledger()[before].at - healed
    announcing.ring_for(1.0)
    running.stack.until_quiet(90)

    told = list(settled(running))
    unknown = sum(entry.outcome == "unknown" for entry, _ in told)
    oldest = max(age for _, ages in told for age in ages)
    figures(
        "F24",
        what=f"Telnyx out of reach of all workers for {away_s:g} s; recovery: until the next command",
        events=running.books.audit().accepted,
        faults=1,
        lost=running.books.audit().lost,
        doubled=len(announcing.doubled()),
        recovery=[again],
        note=f"{len(announcing.sessions)} calls, {unknown} commands settled as unknown, oldest try {oldest:.0f} s",
    )
    assert oldest < RESEND_WITHIN_S + 2
    assert (unknown > 0) == (away_s > RESEND_WITHIN_S)
    announcing.assert_each_was_announced_once()
