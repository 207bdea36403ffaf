"""Every hostile input to the web process has its answer, harms nothing, and leaves only what it may."""

from collections import Counter
from itertools import groupby

import redis

from tests.integration.hostile.contents import OUR_CONNECTION
from tests.integration.hostile.exchange import play
from tests.integration.hostile.memory import MAY_GROW_KB, resident_kb
from tests.integration.hostile.table import ROWS, table
from tests.integration.hostile.trouble import trouble
from tests.signing import KEY, signed, webhook_body
from tests.waiting import wait_until

ANSWER_WITHIN_S = 2 * 5.0  # the longest that anything may take, and a margin of two


def test_the_table_has_every_row_and_no_case_twice():
    cases = table()

    assert {case.row for case in cases} == ROWS
    assert len(cases) >= 150
    assert max(Counter((case.row, case.name) for case in cases).values()) == 1


def test_every_hostile_input_has_its_answer_and_leaves_only_what_it_may(own_valkey, start_web):
    web = start_web(REDIS_URL=own_valkey.connection_url, DURABILITY="fsync", TELNYX_CONNECTION_ID=OUR_CONNECTION)
    wait_until(lambda: web.http.get("/ready").status_code == 200, "ready")
    cases = table()
    memory_before = resident_kb(web.popen.pid)

    played = play(web.port, [case for case in cases if not case.trouble])
    left = what_is_kept(own_valkey.connection_url)
    grown_kb = resident_kb(web.popen.pid) - memory_before
    log = web.output
    for name, group in groupby([case for case in cases if case.trouble], key=lambda case: case.trouble):
        with trouble(name, own_valkey, lambda: web.http.get("/ready")):
            played += play(web.port, group)

    wrong = [fault for one in played if (fault := what_is_wrong(one))]
    assert not wrong, "\n".join(wrong)
    assert len(answers_of_401(played)) == 1
    assert left == what_may_be_kept(cases)
    assert grown_kb < MAY_GROW_KB
    assert '"level": "error"' not in log
    assert "Traceback" not in web.output
    assert KEY.encode().hex() not in web.output
    assert web.popen.poll() is None
    body = webhook_body()
    assert web.http.post("/webhooks/telnyx", content=body, headers=signed(body)).status_code == 200


def answers_of_401(played):
    """All there are to webhooks: if two differed, they would tell the sender what is wrong."""
    return {answer for one in played if one.case.row != 51 for answer in one.answers if answer.status == 401}


def what_is_wrong(played):
    """One line, or None where all is as it should be."""
    case = played.case
    empty = case.row == 51 or all(answer.body == b"" for answer in played.answers if answer.status != 404)
    first = played.answers[0].head if played.answers else b""
    faults = {
        f"answered {played.statuses} instead of {case.answers}": played.statuses != case.answers,
        f"took {played.answered_s:.1f} s": played.answered_s > ANSWER_WITHIN_S,
        "was never closed": not played.ended,
        "has a body": not empty,
        f"lacks {case.headers!r}": case.headers not in first,
    }
    found = [fault for fault, holds in faults.items() if holds]
    return f"row {case.row}, {case.name}: {', '.join(found)}" if found else None


def what_is_kept(url):
    """How much there is of everything in Valkey, whatever its name."""
    with redis.Redis.from_url(url, decode_responses=True) as client:
        ours = ("trunkline:plan:", "trunkline:metrics")
        found = Counter(_kind_of(key) for key in client.scan_iter() if not key.startswith(ours))
        queued = sum(client.llen(key) for key in client.smembers("rq:queues"))
        quarantined = client.llen("trunkline:quarantine")
        counted = {name: int(value) for name, value in client.hgetall("trunkline:stats").items()}
    return {**found, "queued": queued, "quarantined": quarantined, "counted": counted}


def what_may_be_kept(cases):
    jobs, kept, duplicates = (
        sum(getattr(case, name) for case in cases) for name in ("jobs", "kept", "duplicates")
    )
    return {
        "rq:job": jobs,
        "trunkline:seen": jobs,
        "rq:queue": 2,  # routing and recording
        "trunkline:pending": 2,
        "rq:queues": 1,
        "trunkline:stats": 1,
        "trunkline:quarantine": 1,
        "queued": jobs,
        "quarantined": kept,
        "counted": {"accepted": jobs, "duplicates": duplicates, "quarantined": kept},
    }


def _kind_of(key):
    return ":".join(key.split(":")[:2])
