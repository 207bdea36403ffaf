"""F19: jobs that no worker can run, in the middle of good ones, and an event that kills whoever runs it."""

import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.ids import SessionId, inbound_call_id
from tests import signing
from tests.delivering import deliver_all
from tests.faults.poison import push_odd, push_poison, reasons, rejected_call
from tests.waiting import wait_until

KILLER = "+13125550666"
DIALPLAN = f"""
version = 1
timezone = "UTC"
voice = "female"
[[rules]]
name = "killer"
when = {{ to = "{KILLER}" }}
then = {{ do = "hook", call = "killer:kill" }}
[default]
then = {{ do = "reject" }}
"""
HOOK = """
import os, signal
def kill(call, now):
    os.kill(os.getpid(), signal.SIGKILL)
"""
LIVES = 3  # that it takes: two among other jobs, one alone
PARKED_WITHIN_S = 2.0  # twice that is allowed to a busy machine


class Good:
    """Calls that are rejected, each of them with a session of its own."""

    def __init__(self, running, count):
        self.running = running
        self.sessions = [f"session-{n}" for n in range(count)]

    def ring(self, begin, end):
        """Deliver the first events of some of them, several at a time."""
        some = self.sessions[begin:end]
        bodies = [rejected_call(call_session_id=one, call_control_id=f"v3:{one}") for one in some]
        deliver_all(self.running.post, bodies, 6)

    def rejected(self):
        """Those that were applied and rejected -> how many times that took effect."""
        applied = {call.id for call in self.running.books.calls()}
        effective = Counter(entry.call_control_id for entry in self.running.sim.ledger() if entry.effective)
        times = {
            one: effective[f"v3:{one}"] for one in self.sessions if inbound_call_id(SessionId(one)) in applied
        }
        return {one: count for one, count in times.items() if count}


@pytest.fixture
def running(fleet, tmp_path):
    path = tmp_path / "dialplan.toml"
    path.write_text(DIALPLAN)
    (tmp_path / "killer.py").write_text(HOOK)
    running = fleet("--adopt", dialplan=path).start("web", "routing", "routing")
    running.sim.config(webhook_url=None)
    return running


def test_poison_of_every_kind_is_parked_with_its_reason_and_the_good_jobs_around_it_are_done(
    running, figures, is_long
):
    good = Good(running, 1_000 if is_long else 50)
    half = len(good.sessions) // 2
    up = running.alive()

    with ThreadPoolExecutor(1) as beside:
        first = beside.submit(good.ring, 0, half)
        since = time.monotonic()
        expected = push_poison(running.redis)
        odd = push_odd(running.redis)
        wait_until(lambda: reasons(running.redis).keys() >= expected.keys(), "all of it is parked")
        parked_s = time.monotonic() - since
        first.result()
        good.ring(half, len(good.sessions))
    running.stack.until_worked_off()

    told = reasons(running.redis)
    audit = running.books.audit()
    done = good.rejected()
    figures(
        "F19",
        what="poison of 13 kinds among good events; recovery: until the last of it is parked",
        events=len(good.sessions),
        faults=len(expected),
        lost=len(good.sessions) - len(done),
        doubled=sum(count > 1 for count in done.values()),
        recovery=[parked_s],
    )
    assert done == dict.fromkeys(good.sessions, 1)
    assert {job: told[job] for job, why in expected.items() if why not in told[job]} == {}
    assert told.keys() == expected.keys()
    assert (audit.applied, audit.pending, audit.is_balanced) == (len(good.sessions) + len(odd), 0, True)
    assert parked_s < 2 * PARKED_WITHIN_S
    assert running.alive() == up


@pytest.mark.long_only
def test_an_event_that_kills_its_worker_each_time_is_parked_after_three_of_them(running, figures):
    """In the short set: tests/integration/workers/test_workers_killed.py."""
    good = Good(running, 1_000)
    body = signing.webhook_body(direction="incoming", state="parked", to=KILLER)
    killer = signing.event_id_of(body).encode()
    died = []

    def is_parked():
        for name in [name for name in running.stack.running if name.startswith("routing")]:
            if not running.stack.running[name].is_alive:  # the next one in its place, as a platform does
                died.append(running.stack.running.pop(name).ended())
                running.launch("routing")
        return killer in reasons(running.redis)

    with ThreadPoolExecutor(1) as beside:
        ringing = beside.submit(good.ring, 0, len(good.sessions))
        assert running.post(body) == 200
        since = time.monotonic()
        wait_until(is_parked, "it is parked", 60)
        parked_s = time.monotonic() - since
        ringing.result()
    running.stack.until_worked_off()

    done = good.rejected()
    audit = running.books.audit()
    figures(
        "F19",
        what="an event whose worker dies of it, each time; recovery: until it is parked",
        events=len(good.sessions),
        faults=len(died),
        lost=len(good.sessions) - len(done),
        doubled=sum(count > 1 for count in done.values()),
        recovery=[parked_s],
    )
    assert died == [-signal.SIGKILL] * LIVES
    assert done == dict.fromkeys(good.sessions, 1)
    assert {job: "ran alone" in reason for job, reason in reasons(running.redis).items()} == {killer: True}
    assert (audit.applied, audit.parked, audit.is_balanced) == (len(good.sessions), 1, True)
