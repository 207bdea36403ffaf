"""Valkey goes away and comes back: nothing is acknowledged meanwhile, and every event is applied once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.ids import SessionId, inbound_call_id
from tests import signing
from tests.ports import free_port
from tests.processes import embedded_valkey
from tests.waiting import wait_until


@pytest.fixture
def valkey(tmp_path):
    server = embedded_valkey(tmp_path / "valkey", port=free_port())
    server.start()
    yield server
    server.terminate()


def caller(n):
    """The first event of a call that the example dialplan rejects."""
    return signing.webhook_body(
        direction="incoming", to="+13125550999", call_session_id=f"session-{n}", call_control_id=f"v3:leg-{n}"
    )


def timed_post(stack, body):
    begun = time.monotonic()
    return stack.post(body), time.monotonic() - begun


def test_while_valkey_is_down_nothing_is_acknowledged_and_afterwards_every_event_is_applied_once(
    own_stack, valkey, record_property
):
    stack = own_stack("--adopt", valkey=valkey).start("web", "routing")
    before, during = [caller(n) for n in range(3)], [caller(n) for n in range(3, 6)]
    assert [stack.post(body) for body in before] == [200] * 3

    valkey.terminate()  # SIGKILL: only what is on disk survives
    with ThreadPoolExecutor(len(during)) as threads:
        answers = list(threads.map(lambda body: timed_post(stack, body), during))
    health, ready = stack.status("/health"), stack.status("/ready")
    valkey.start()
    came_back = time.monotonic()
    wait_until(lambda: stack.post(during[0]) == 200, "an event is accepted again")
    accepting_s = time.monotonic() - came_back
    again = [stack.post(body) for body in before + during]
    stack.until_worked_off()
    working_s = time.monotonic() - came_back

    record_property("accepting_after_s", round(accepting_s, 2))
    record_property("worked_off_after_s", round(working_s, 2))
    print(f"\naccepting after {accepting_s:.2f} s, worked off after {working_s:.2f} s")  # noqa: T201 - for -s
    assert [status for status, _ in answers] == [503] * 3
    assert max(seconds for _, seconds in answers) < 2  # 1 s, and a margin for a busy machine
    assert (health, ready) == (200, 503)
    assert accepting_s < 2
    assert again == [200] * 6
    assert stack.status("/ready") == 200
    rejected = [entry.call_control_id for entry in stack.sim.ledger() if entry.effective]
    assert sorted(rejected) == [f"v3:leg-{n}" for n in range(6)]
    for n, body in enumerate(before + during):
        applied = [event.id for event in stack.books.events(inbound_call_id(SessionId(f"session-{n}")))]
        assert applied == [signing.event_id_of(body)]
    audit = stack.books.audit()
    assert (audit.accepted, audit.applied, audit.is_balanced) == (6, 6, True)
    assert stack.running["routing"].is_alive
