"""Dead letters whose calls are over: told, and left where they are."""

import time

import pytest

from shared import queues
from tests.integration.dead.letters import park, parked, told
from tests.integration.happened import call_of, happens, of_leg
from tests.integration.workers.bench import incoming, noted
from tests.integration.workers.queued import put
from tests.signing import event_id_of


@pytest.mark.parametrize("forgotten", [False, True])
def test_an_event_whose_call_is_over_is_left_unless_it_is_asked_for(dead, redis_url, valkey, forgotten):
    happens(redis_url, valkey, incoming("gone"), of_leg("call.hangup", "gone", hangup_cause="originator_cancel"))
    stale, live = parked(redis_url, noted("gone"), noted("lives"))
    if forgotten:
        valkey.delete(queues.call_key(call_of("gone")))

    listed = told(dead, "list")
    shown = told(dead, "show", stale)["replay"]
    done = told(dead, "replay", "--all", "--rate", "1000/s")
    left = valkey.zrange(queues.failed_key("routing"), 0, -1)
    code, text = dead("replay", stale)
    asked = told(dead, "replay", stale, "--include-stale")

    assert (listed["count"], listed["stale"]) == (2, 1)
    assert shown.startswith(
        "nothing, as its call is over; with --include-stale it applies call.dtmf.received to call "
    )
    assert (done["ids"]["replayed"], done["ids"]["stale"]) == ([live], [stale])
    assert left == [stale.encode()]
    assert (code, f"{stale}  stale    call over; --include-stale" in text) == (1, True)
    assert asked["ids"]["replayed"] == [stale]


def test_the_first_event_of_a_call_whose_leg_has_ended_meanwhile_is_stale(dead, redis_url, valkey):
    happens(redis_url, valkey, of_leg("call.hangup", "one", hangup_cause="originator_cancel"))
    (job_id,) = parked(redis_url, incoming("one"))

    assert told(dead, "show", job_id)["stale"] is True


def test_an_event_that_nobody_can_be_waiting_for_any_more_is_stale(dead, redis_url, valkey):
    body = incoming("never seen")
    day_old = queues.job_data(queues.APPLY_WEBHOOK, time.time() - 25 * 3600, body)
    valkey.hset(queues.job_key(put(valkey, body)), "data", day_old)
    park(redis_url, "a reason")

    assert told(dead, "show", event_id_of(body))["stale"] is True
