"""F10: Telnyx answers 500, 502, 503 and 504, to two in five commands and then to all; some of them it performs.

In the short set: tests/e2e/test_faults_of_telnyx.py.
"""

import time

import pytest

from tests.faults.calls import Calls, dialplan, middle, tries
from tests.faults.checker import doubled
from tests.waiting import wait_until
from workers.delivery.retry import BACKOFF_S

STATUSES = ("500", "502", "503", "504")
SOME = [{"fault": status + done, "probability": 0.062} for status in STATUSES for done in ("", "_after")]
ALL = [{"fault": "500_after", "probability": 0.3}, {"fault": "504_after", "probability": 0.3}, {"fault": "503"}]
SOME_S, ALL_S = 20.0, 12.0
FOREVER = "1000000"
AT_ONCE_S = 0.75 * BACKOFF_S[1]  # what comes later has waited for the first pause


@pytest.mark.long_only
@pytest.mark.parametrize("memory_s", ["60", FOREVER])
def test_a_5xx_is_resent_at_once_and_each_command_takes_effect_once(fleet, figures, tmp_path, seed, memory_s):
    running = fleet("--speed", "4", "--dedupe-secs", memory_s, dialplan=dialplan(tmp_path))
    running.start("web", "routing", "routing")
    calls = Calls(running)

    running.sim.faults(*SOME, seed=seed)
    calls.go_on(SOME_S, every_s=0.15)
    running.sim.faults(*ALL, seed=seed)
    since = time.time()
    calls.go_on(ALL_S, every_s=0.3)
    running.sim.faults()
    healed = time.time()
    wait_until(lambda: [one for one in running.sim.ledger() if one.at > healed], "the next command goes out")
    again = min(one.at for one in running.sim.ledger() if one.at > healed) - healed
    running.stack.until_quiet(90)

    ledger = running.sim.ledger()
    struck = [one for one in ledger if one.fault]
    resent = [some[1].at - some[0].at for some in tries(ledger) if some[0].fault and len(some) > 1]
    figures(
        "F10",
        what=f"500, 502, 503, 504 to 40 % of the commands for {SOME_S:g} s and to all for {ALL_S:g} s; "
        f"ids remembered for {'ever' if memory_s == FOREVER else memory_s + ' s'}",
        events=running.books.audit().accepted,
        faults=len(struck),
        lost=running.books.audit().lost,
        doubled=len(doubled(ledger)),
        recovery=[again],
        note=f"{len(calls)} calls; first resend after {1000 * middle(resent):.0f} ms in the middle",
    )
    assert {one.fault for one in struck} == {rule["fault"] for rule in SOME}
    assert [one for one in ledger if since + 1 < one.at < healed - 1 and one.status == 200] == []
    assert middle(resent) < AT_ONCE_S
    calls.assert_each_got_its_commands_once()
