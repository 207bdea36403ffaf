"""F8: Valkey is full, held up by a script, or loading its data: 503, never a 200; it goes on without hands.

A full server in the short set: tests/integration/test_ingress_outage.py.
"""

import time

import pytest
import redis

from tests.caller import Caller
from tests.waiting import wait_until
from workers.engine import history

PROMISED_S = 2.0  # from its taking commands again to the next 200; twice that is allowed to a busy machine
ANSWERED_WITHIN_S = 1.0  # likewise
# When it began, by the wall clock. The server's CPU seconds go no faster, but for what its other threads take.
BUSY = """
local began = redis.call('TIME')
local till = os.clock() + ARGV[1]
while os.clock() < till do end
return began
"""
SOME = 40  # answers
FULL_AT = 8_000_000  # bytes, of which most are history


@pytest.fixture
def running(fleet):
    return fleet().start("web", "routing")


def until_answered(caller, count=SOME):
    wanted = len(caller.answers) + count
    wait_until(lambda: len(caller.answers) >= wanted, f"{count} more answers")


def accepted_again(caller, since):
    wait_until(lambda: caller.accepted_again(since), "an event is accepted again", 60)
    return caller.accepted_again(since)


def leave(figures, running, caller, what, recovery, note=""):
    """The figures, and what holds of all of these."""
    running.stack.until_worked_off()
    accepted = caller.accepted()
    lost = [one for one in accepted if not running.books.is_applied(one)]
    slowest = max(one.seconds for one in caller.answers)
    figures(
        "F8",
        what=what,
        events=len(accepted),
        faults=1,
        lost=len(lost),
        recovery=recovery,
        note=f"{note}slowest answer {slowest:.2f} s",
    )
    assert lost == []
    assert {one.status for one in caller.answers} == {200, 503}
    assert slowest < 2 * ANSWERED_WITHIN_S
    assert running.redis.info("stats")["evicted_keys"] == 0
    assert len(running.alive()) == 2


def answered_between(caller, begun, end):
    """The statuses of what was posted and answered then."""
    return {one.status for one in caller.answers.copy() if one.begun > begun and one.at < end}


@pytest.mark.parametrize("for_s", [1.5, pytest.param(5.0, marks=pytest.mark.long_only)])
def test_while_a_script_holds_the_server_nothing_is_acknowledged(running, figures, for_s):
    running.redis.config_set("busy-reply-threshold", 200)  # ms, after which it answers BUSY instead of nothing
    with Caller(running.where.web, threads=4) as caller:
        until_answered(caller)
        with redis.Redis.from_url(running.stack.redis_url, socket_timeout=for_s + 30) as patient:
            seconds, microseconds = patient.eval(BUSY, 0, for_s)
        now, end = time.time(), time.monotonic()
        begun = int(seconds) + int(microseconds) / 1e6 - now + end
        recovery = accepted_again(caller, end)
        until_answered(caller)

    leave(figures, running, caller, f"a script that holds Valkey for {for_s:g} s", [recovery])
    assert answered_between(caller, begun, begun + 0.9 * for_s) == {503}
    assert recovery < 2 * PROMISED_S


@pytest.mark.long_only
def test_while_the_server_loads_its_data_nothing_is_acknowledged(running, figures):
    with Caller(running.where.web, threads=4) as caller:
        until_answered(caller, 400)
        running.valkey.terminate()
        running.valkey._config |= {"key-load-delay": "250", "loading-process-events-interval-bytes": "1024"}
        begun = time.monotonic()
        running.valkey.start(60)
        end = time.monotonic()
        recovery = accepted_again(caller, end)
        until_answered(caller)

    leave(
        figures, running, caller, "Valkey killed; it loads for some seconds", [recovery], f"{end - begun:.1f} s; "
    )
    assert end - begun > 2
    assert answered_between(caller, begun, end - 0.3) == {503}  # it is asked every 0.1 s whether it is done
    assert recovery < 2 * PROMISED_S


@pytest.mark.long_only
def test_a_full_server_makes_room_by_itself_of_history_alone(running, figures):
    with Caller(running.where.web, threads=4) as caller:
        wait_until(lambda: running.redis.info("memory")["used_memory"] > FULL_AT, "there is history", 120)
        timelines = len(list(running.redis.scan_iter("trunkline:timeline:*", 1000)))
        running.redis.config_set("maxmemory", running.redis.info("memory")["used_memory"] - 100_000)
        begun = time.monotonic()
        wait_until(lambda: 503 in answered_between(caller, begun, time.monotonic()), "it is full")
        full = time.monotonic()
        until_answered(caller)
        refused = answered_between(caller, full, time.monotonic())
        recovery = accepted_again(caller, full)
        until_answered(caller)
        left = len(list(running.redis.scan_iter("trunkline:timeline:*", 1000)))

    leave(
        figures,
        running,
        caller,
        "Valkey full (maxmemory, noeviction); recovery: until old timelines have made room",
        [recovery],
        f"{timelines - left} of {timelines} timelines trimmed; ",
    )
    assert refused == {503}
    assert left < timelines
    assert recovery < 2 * history.EVERY_S
