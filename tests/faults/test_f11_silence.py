"""F11: Telnyx performs commands and says nothing.

In the short set: tests/e2e/test_faults_of_telnyx.py; of a single command: tests/integration/workers/test_drain.py.
"""

import pytest

from tests.faults.calls import Calls, dialplan, middle, tries
from tests.faults.checker import doubled
from workers.delivery.attempt import SILENCE_S

FOREVER = "1000000"
SILENT_S = 15.0


@pytest.mark.long_only
@pytest.mark.parametrize("memory_s", ["60", FOREVER])
def test_after_half_a_second_of_silence_the_same_goes_out_on_another_connection_and_takes_effect_once(
    fleet, figures, tmp_path, seed, memory_s
):
    running = fleet("--speed", "2", "--dedupe-secs", memory_s, dialplan=dialplan(tmp_path))
    running.start("web", "routing", "routing")
    calls = Calls(running)

    running.sim.faults({"fault": "silence", "probability": 0.5}, seed=seed)
    calls.go_on(SILENT_S, every_s=0.15)
    running.sim.faults()
    running.stack.until_quiet(60)

    ledger = running.sim.ledger()
    silent = [some for some in tries(ledger) if some[0].fault]
    resent = [(some[0], some[1]) for some in silent if len(some) > 1]
    waited = [second.at - first.at for first, second in resent]
    figures(
        "F11",
        what="performed and not answered, half of the requests; "
        f"ids remembered for {'ever' if memory_s == FOREVER else memory_s + ' s'}; recovery: until the resend",
        events=running.books.audit().accepted,
        faults=sum(one.fault is not None for one in ledger),
        lost=running.books.audit().lost,
        doubled=len(doubled(ledger)),
        recovery=waited,
        note=f"{len(calls)} calls; {len(silent) - len(resent)} of {len(silent)} were proven by a webhook before",
    )
    assert [some for some in silent if some[0].verb == "speak" and len(some) == 1] == []  # nothing else proves it
    assert [pair for pair in resent if pair[0].connection == pair[1].connection] == []
    assert {second.body_sha256 == first.body_sha256 for first, second in resent} == {True}
    assert min(waited) > SILENCE_S / 2
    assert middle(waited) < 2 * SILENCE_S
    calls.assert_each_got_its_commands_once()
