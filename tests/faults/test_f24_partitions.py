"""F24: workers that Valkey does not see any more, but Telnyx does; and workers that Telnyx does not see.

A claim that was lost, in the short set: tests/integration/workers/test_drain.py and test_claims.py.
"""

import time

import httpx
import pytest

from shared import queues, timeline
from shared.queues import LEASE_S
from shared.timeline import AnswerEntry, CommandEntry
from tests.e2e.waiting import wait_until
from tests.faults.checker import effective_twice
from tests.relay import Relay
from workers.delivery.retry import RESEND_WITHIN_S

TEXT = "We are closed. " * 20  # its end, which proves it, comes later than a request is given up
DIALPLAN = f"""
version = 1
timezone = "UTC"
voice = "female"
[[rules]]
name = "announcement"
when = {{ to = "+13125550400" }}
then = {{ do = "answer", then = {{ do = "say", text = "{TEXT}", then = {{ do = "hangup" }} }} }}
[default]
then = {{ do = "reject" }}
"""
ANNOUNCED = ["answer", "speak", "hangup +13125550400"]
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
def running(fleet, tmp_path):
    path = tmp_path / "dialplan.toml"
    path.write_text(DIALPLAN)
    running = fleet("--speed", "4", dialplan=path).start("web", "routing")
    running.sim.config(first_command_timeout_secs=1200)
    return running


def through(relay, url):
    return str(httpx.URL(url).copy_with(port=relay.port))


def port_of(url):
    return httpx.URL(url).port


def ring(running, for_s, every_s=0.2):
    """Callers, one after the other; their sessions."""
    end, sessions = time.monotonic() + for_s, []
    while time.monotonic() < end:
        sessions.append(running.sim.ring_in("+13125550400"))
        time.sleep(every_s)
    return sessions


def doubled(running):
    ledger = [{name: getattr(entry, name) for name in entry.__struct_fields__} for entry in running.sim.ledger()]
    return effective_twice(ledger)


def assert_each_is_announced_once(running, sessions):
    assert {session: running.sim.commands(session) for session in sessions} == dict.fromkeys(sessions, ANNOUNCED)
    assert doubled(running) == []
    assert [entry for entry in running.sim.ledger() if entry.same_bytes_as_first is False] == []
    audit = running.books.audit()
    assert (audit.applied, audit.parked, audit.is_balanced) == (audit.accepted, 0, True)


@pytest.mark.long_only
def test_a_worker_cut_off_from_valkey_sends_nothing_beyond_its_lease_and_nothing_is_done_twice(
    running, relay, figures
):
    side, way = relay(running.valkey.port), relay(port_of(running.sim.url))
    cut_off = running.launch(
        "routing",
        REDIS_URL=f"redis://127.0.0.1:{side.port}/0",
        TELNYX_BASE_URL=through(way, running.sim.url),
    )
    running.until_up(cut_off)
    running.sim.faults(*UNSEEN, seed=7)
    sessions, late = [], []

    for cut in [side.hold, side.refuse] * (ROUNDS // 2):
        sessions += ring(running, 3.0)
        cut()
        parted = time.monotonic()
        running.lose(cut_off)
        sessions += ring(running, LEASE_S + 2)
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
        doubled=len(doubled(running)),
        recovery=seconds,
        note=f"{len(late)} requests later than a lease",
    )
    assert late == []
    assert_each_is_announced_once(running, sessions)
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
    running, relay, figures, away_s
):
    """For some seconds, with every answer lost: tests/e2e/test_faults_of_telnyx.py."""
    way = relay(port_of(running.sim.url))
    running.kill(running.alive("routing")[0])
    for name in [running.launch("routing", TELNYX_BASE_URL=through(way, running.sim.url)) for _ in range(2)]:
        running.until_up(name)
    sessions = ring(running, 1.0)

    way.hold()
    sessions += ring(running, away_s)
    way.refuse()  # what was on its way is gone
    way.targets = [port_of(running.sim.url)]
    way.heal()
    healed, before = time.time(), len(running.sim.ledger())
    wait_until(lambda: len(running.sim.ledger()) > before, "a command goes out again")
    again = running.sim.ledger()[before].at - healed
    sessions += ring(running, 1.0)
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
        doubled=len(doubled(running)),
        recovery=[again],
        note=f"{len(sessions)} calls, {unknown} commands settled as unknown, oldest try {oldest:.0f} s",
    )
    assert oldest < RESEND_WITHIN_S + 2
    assert (unknown > 0) == (away_s > RESEND_WITHIN_S)
    assert_each_is_announced_once(running, sessions)
