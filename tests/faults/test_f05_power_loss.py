"""F5: the power fails, and of each file only what was synced is left: what was answered 200 is there."""

import random
import time

import pytest

from tests.caller import Caller
from tests.e2e.stack import Stack
from tests.syncs import watched_valkey
from tests.waiting import wait_until

CALLERS = 6
BETWEEN = 20  # events that are accepted before the next failure, at least
SYNC_US = 3_000  # a disk on which most of the time there is something that is written and not synced


@pytest.fixture
def web_of(tmp_path, ends):
    """A web process on a server whose power may fail, and the server: `web_of("always")`."""

    def start(appendfsync):
        server = watched_valkey(tmp_path, SYNC_US, appendfsync=appendfsync)
        server.start()
        return server, ends.enter_context(Stack(tmp_path, valkey=server.valkey)).start("web")

    return start


def fail_again_and_again(server, stack, times, draw):
    """Acknowledged events, those of them that are gone, how often anything was cut off, and the recoveries."""
    cut_off, recovery = 0, []
    with Caller(str(stack.http.base_url), CALLERS) as caller:
        for _ in range(times):
            wanted = len(caller.accepted()) + BETWEEN
            wait_until(lambda n=wanted: len(caller.accepted()) >= n, "events are accepted")
            time.sleep(draw.uniform(0.0, 0.3))
            cut_off += server.lose_power() > 0
            server.start()
            back = time.monotonic()
            wait_until(lambda since=back: caller.accepted_again(since), "an event is accepted again")
            recovery.append(caller.accepted_again(back))
    acknowledged = caller.accepted()  # and no worker has touched them
    lost = {one for one in acknowledged if not stack.books.is_known(one)}
    return acknowledged, lost, cut_off, recovery


def test_every_event_that_was_answered_200_survives_a_power_failure(web_of, figures, seed, is_long):
    times = 50 if is_long else 2
    server, stack = web_of("always")

    acknowledged, lost, cut_off, recovery = fail_again_and_again(server, stack, times, random.Random(seed))

    figures(
        "F5",
        what="power failure: SIGKILL of Valkey, its AOF cut back to the last sync",
        events=len(acknowledged),
        faults=times,
        lost=len(lost),
        recovery=recovery,
        note=f"something was cut off {cut_off} times",
    )
    assert lost == set()
    assert len(acknowledged) >= BETWEEN * times


def test_control_with_appendfsync_everysec_such_failures_lose_acknowledged_events(web_of, seed):
    server, stack = web_of("everysec")

    _, lost, cut_off, _ = fail_again_and_again(server, stack, 3, random.Random(seed))

    assert cut_off > 0
    assert len(lost) > 0
