"""F13: Telnyx refuses a command for good: no retry, the timeline says so, a refused key is an alert.

All refusals of the API itself, one by one: tests/e2e/test_refusals.py.
"""

import pytest

from shared import queues, timeline
from shared.ids import SessionId, inbound_call_id
from shared.timeline import AnswerEntry
from tests.faults.calls import NUMBERS, dialplan
from tests.waiting import wait_for

CODES = {"401": "10009", "403": "10010", "404": "10005", "422": "10015"}
ALERTS = {"401", "403"}
OVER = {"404"}  # to a command on a leg: the leg is gone, and nothing more is asked of it


@pytest.fixture
def running(fleet, tmp_path):
    return fleet(dialplan=dialplan(tmp_path)).start("web", "routing", "routing")


def test_a_refusal_is_final_and_told_and_that_of_a_key_is_an_alert(running, figures, is_long):
    rounds = 25 if is_long else 2
    came = {}

    for status in CODES:
        running.sim.faults({"fault": status, "on": "answer"})
        for _ in range(rounds):
            came[running.sim.ring_in(NUMBERS["announcement"])] = status
        wait_for(lambda: running.sim.activity().get("webhooks_pending"), None)
        wait_for(lambda: [one for one in came if not is_answered(running, one)], [])
    running.sim.faults({"fault": "delay", "on": "call.hangup"})
    gone = [running.sim.ring_in(NUMBERS["announcement"], hangs_up_after=0.0) for _ in range(rounds)]
    for session in [one for one, status in came.items() if status in OVER]:
        running.sim.hang_up(session)
    running.stack.until_quiet()

    requests = {session: asked(running, session) for session in came}
    told = {session: answers(running, session)[0] for session in came}
    logs = [running.stack.running[name].err.read_text() for name in running.alive("routing")]
    alerts = sum(log.count("telnyx_denies_us") for log in logs)
    too_late = [asked(running, session) for session in gone]
    figures(
        "F13",
        what="refused with 401, 403, 404 and 422, some because the caller was gone",
        events=running.books.audit().accepted,
        faults=len(came) + sum(map(len, too_late)),
        lost=running.books.audit().lost,
        note=f"{alerts} alerts, none sent again",
    )
    ends = {status: ["answer"] if status in OVER else ["answer", "hangup"] for status in CODES}
    assert requests == {session: ends[status] for session, status in came.items()}
    assert told == {session: ("failed", int(status), CODES[status]) for session, status in came.items()}
    assert alerts == sum(status in ALERTS for status in came.values())
    assert {running.books.call(inbound_call_id(SessionId(one))).step.at for one in (*came, *gone)} == {"over"}
    assert ["answer"] in too_late  # 90018, as their hangup is told later
    assert [verbs for verbs in too_late if len(verbs) > 1] == []


def is_answered(running, session):
    return bool(answers(running, session))


def asked(running, session):
    """What was asked of a caller's leg, refused or not."""
    legs = {leg.call_control_id for leg in running.sim.legs() if leg.call_session_id == session}
    return [entry.verb for entry in running.sim.ledger() if entry.call_control_id in legs]


def answers(running, session):
    """How a caller's commands ended, as the timeline tells it: outcome, status, code."""
    key = queues.timeline_key(inbound_call_id(SessionId(session)))
    entries = map(timeline.decode, running.redis.lrange(key, 0, -1))
    return [(one.outcome, one.status, one.code) for one in entries if isinstance(one, AnswerEntry)]
