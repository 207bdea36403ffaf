"""F18: the whole fleet is replaced again and again while calls of every kind go on, each time by a newer release.

One process that is told to stop, and what is newer than a worker, in the short set: tests/e2e/test_stopping.py,
tests/integration/workers/test_engine_refuses.py.
"""

import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from shared.queues import KINDS
from tests.caller import Caller
from tests.faults.checker import check
from tests.faults.fleet import LINES, line_of
from tests.faults.morning import Morning, dialplan
from tests.faults.releases import Releases

DEPLOYS = 10
CALLS, PER_S = 1_500, 3.0  # at most: none begins after the last deploy
KILLED_AFTER_S = 30.0  # as platforms do; what is in flight at a SIGTERM gets 20 s
IDLE_PROMISED_S = 10.0  # from SIGTERM to the exit, with nothing in flight
WAITS = "job_waits_for_newer_worker"


class Exit(NamedTuple):
    name: str
    code: int
    seconds: float
    waited: int  # how often it left a job to a newer worker


def ended(name, process):
    """How a process ends that was told to; killed when it takes too long."""
    told = time.monotonic()
    try:
        code = process.ended(KILLED_AFTER_S)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.ended()
    return Exit(name, code, time.monotonic() - told, process.err.read_text().count(WAITS))


def deploy(running, env, waiting, *, web_first):
    """Replace every process by one with this environment; how each ends, as soon as it has.

    With the web processes first there are jobs that are newer than any worker knows.
    """
    names = sorted(running.alive(), key=lambda one: one.startswith("web"), reverse=web_first)
    exits = []
    for name in names:
        running.until_up(running.launch(line_of(name), **env))
        exits.append(waiting.submit(ended, name, running.retire(name)))
    return exits


@pytest.mark.long_only
def test_ten_deploys_lose_nothing_double_nothing_and_no_caller_of_the_web_process_notices(
    fleet, figures, tmp_path, seed
):
    path = dialplan(tmp_path)
    running = fleet("--speed", "2", "--seed", str(seed), dialplan=path)
    releases = Releases(tmp_path, 1 + DEPLOYS)
    running.start(**releases.env(0))
    exits = []

    with (
        ThreadPoolExecutor(len(LINES)) as waiting,
        Caller(running.where.web) as caller,
        Morning(running, path, calls=CALLS, seed=seed, per_s=PER_S) as morning,
    ):
        for number in range(1, 1 + DEPLOYS):
            exits += deploy(running, releases.env(number), waiting, web_first=bool(number % 2))
        assert morning.goes_on(), "the calls were over too early for the last deploy"
        morning.no_more()
        caller.stop()
    running.stack.until_worked_off()
    assert [letter for kind in KINDS for letter in running.books.dead_letters(kind).items()] == []
    with ThreadPoolExecutor(len(LINES)) as waiting:
        idle = [waiting.submit(ended, name, running.retire(name)) for name in running.alive()]

    told = [one.result() for one in exits]
    idle = [one.result() for one in idle]
    found = check(running.books, morning.plan, morning.seen)
    lost = found.lost + [one for one in caller.accepted() if not running.books.is_applied(one)]
    waited = sum(one.waited for one in told)
    statuses = Counter(one.status for one in caller.answers)
    figures(
        "F18",
        what="SIGTERM of eight processes, each replaced by a newer release, ten times; recovery: until the exit",
        events=found.events + len(caller.accepted()),
        faults=len(told),
        lost=len(lost),
        doubled=len(found.doubled),
        recovery=[one.seconds for one in told],
        note=f"answers: {dict(statuses)}; jobs were left to a newer worker {waited} times",
    )
    assert statuses.keys() == {200}
    assert [one for one in told + idle if one.code != 0] == []
    assert [one for one in idle if one.seconds > IDLE_PROMISED_S] == []
    assert waited > 0
    assert lost == []
    assert found.nothing, found
    assert (len(told), len(idle)) == (DEPLOYS * len(LINES), len(LINES))
