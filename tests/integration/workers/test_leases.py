"""Renewing: a worker keeps its jobs while it works, and not for a moment longer."""

import time

import pytest

from shared import queues
from workers.engine.leases import LOOP_DEAD_S, Holding, Leases

LEASES, MEMBER = queues.lease_key("routing"), "event-1:execution-1"


@pytest.mark.parametrize(
    ("turned_s_ago", "is_renewed"),
    [
        pytest.param(LOOP_DEAD_S / 2, True, id="a long pause"),
        pytest.param(LOOP_DEAD_S + 1, False, id="a loop that is stuck"),
    ],
)
def test_a_lease_is_renewed_only_while_the_event_loop_turns(valkey, turned_s_ago, is_renewed):
    valkey.zadd(LEASES, {MEMBER: 1.0})

    def holding():
        return Holding([MEMBER], [], time.monotonic() - turned_s_ago)

    names = "worker-a", "rq:worker:worker-a", "rq:worker:worker-a:executions"
    Leases(valkey, "routing", *names, holding, lambda: None)._renew()

    assert (valkey.zscore(LEASES, MEMBER) > 1.0) == is_renewed
