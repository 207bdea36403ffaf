"""F9: Telnyx refuses every command with 429 for longer than a resend is allowed, and names its wait, or does not.

For a single command, in the short set: tests/integration/workers/test_drain.py, tests/unit/test_retry.py.
"""

import time
from collections import defaultdict

import pytest

from tests.faults.calls import Calls, dialplan, tries
from tests.faults.checker import doubled
from tests.waiting import wait_until
from workers.delivery.retry import RESEND_WITHIN_S

REFUSED_S = RESEND_WITHIN_S + 6.0
WAITS_S = {"answer": 3.0, "reject": 2.0, "dial": 1.0}  # the last one is ours: nothing names it
RULES = [
    {"fault": "429", "on": "answer", "secs": WAITS_S["answer"]},
    {"fault": "429_reset", "on": "reject", "secs": WAITS_S["reject"]},
    {"fault": "429_bare", "on": "dial"},
]
CLOCK_NOISE_S = 0.05  # the wait begins when the answer is read, after the stand-in has noted the request
LONGEST_PAUSE_S = 8.0


@pytest.mark.long_only
def test_a_429_is_obeyed_one_try_at_a_time_and_past_50_s_the_command_goes_out_under_a_new_id(
    fleet, figures, tmp_path
):
    running = fleet("--speed", "4", dialplan=dialplan(tmp_path)).start("web", "routing", "routing")
    calls = Calls(running)
    running.sim.faults(*RULES)

    begun = time.monotonic()
    calls.go_on(6.0, every_s=0.25)
    time.sleep(REFUSED_S - (time.monotonic() - begun))
    refused = len(running.sim.ledger())
    running.sim.faults()
    healed = time.time()
    wait_until(lambda: any(one.effective for one in running.sim.ledger()), "the first command is taken")
    first = next(one.at for one in running.sim.ledger() if one.effective) - healed
    running.stack.until_quiet(90)

    ledger = running.sim.ledger()
    gaps = pauses(ledger)
    oldest = max(some[-1].at - some[0].at for some in tries(ledger))
    again = sum(len(ids) > 1 for ids in names(ledger).values())
    figures(
        "F9",
        what=f"429 to every command for {REFUSED_S:g} s: Retry-After, x-ratelimit-reset, no wait named",
        events=running.books.audit().accepted,
        faults=refused,
        lost=running.books.audit().lost,
        doubled=len(doubled(ledger)),
        recovery=[first],
        note=f"oldest resend {oldest:.1f} s, {again} of {len(calls)} calls went on under a new id",
    )
    assert {verb for verb, _ in gaps} == WAITS_S.keys()
    assert [(verb, gap) for verb, gap in gaps if gap < WAITS_S[verb] - CLOCK_NOISE_S] == []
    assert oldest < RESEND_WITHIN_S + 2
    assert again > 0
    assert first < 2 * LONGEST_PAUSE_S
    calls.assert_each_got_its_commands_once()


def names(ledger):
    """What was refused and came again: by leg, or for a dial by whom it calls -> the ids that it went under."""
    ids = defaultdict(set)
    for entry in ledger:
        if entry.verb in WAITS_S:
            ids[entry.verb, entry.body.get("to") or entry.call_control_id].add(entry.command_id)
    return ids


def pauses(ledger):
    """Verb, and the seconds from a 429 until the next request of any kind for the same leg."""
    last, gaps = {}, []
    for entry in ledger:
        leg = entry.body.get("to") or entry.call_control_id
        if leg in last:
            gaps.append((last[leg].verb, entry.at - last[leg].at))
        last[leg] = entry
        if entry.status != 429:
            del last[leg]
    return gaps
