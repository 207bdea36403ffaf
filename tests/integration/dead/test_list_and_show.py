"""Dead letters as an operator reads them; what real workers have parked."""

import json
import time
from collections import Counter

import pytest

from console.dead.reading import BATCH
from shared import queues
from shared.settings import Settings
from shared.valkey import connect
from tests.integration.dead.letters import GROUPED, broken, park, parked, told
from tests.integration.happened import call_of, of_leg
from tests.integration.workers.bench import CALLER, incoming, noted, run
from tests.integration.workers.queued import put, put_hash, put_pending, put_recording, webhook_data
from workers.engine.sweep import Sweep


def test_letters_are_listed_by_reason_the_newest_first(dead, redis_url, valkey):
    parked(redis_url, noted("one"), noted("two"), of_leg("call.answered", "three"))
    put_recording(valkey, "file", "https://storage.example.com")
    park(redis_url, "host storage.example.com is not allowed", kind="recording")

    document = told(dead, "list")
    code, page = dead("list")

    last, first = document["groups"]
    assert (document["count"], document["stale"], document["reasons"]) == (4, 0, 2)
    assert (last["count"], last["kinds"], last["what"]) == (1, ["recording"], ["recording"])
    assert (first["count"], first["reason"], first["kinds"]) == (3, GROUPED, ["routing"])
    assert first["what"] == ["call.answered", "call.dtmf.received"]
    assert len(first["ids"]) == 3
    assert first["oldest"] <= first["newest"] <= last["newest"]
    assert (code, page.splitlines()[-1]) == (0, "4 dead letters, 0 stale")


def test_a_list_is_narrowed(dead, redis_url, valkey):
    parked(redis_url, noted("one"), noted("two"))
    put_recording(valkey, "file", "https://storage.example.com")
    park(redis_url, "host storage.example.com is not allowed", kind="recording")
    expected = {
        (): 3,
        ("--kind", "routing"): 2,
        ("--kind", "machine_detection"): 0,
        ("--reason", "PATIENCE after 1"): 1,
        ("--reason", GROUPED): 2,
        ("--reason", "nobody's"): 0,
        ("--limit", "1"): 3,
    }

    assert {words: told(dead, "list", *words)["count"] for words in expected} == expected
    assert len(told(dead, "list", "--limit", "1")["groups"]) == 1
    assert "of 1 more reason: see --limit" in dead("list", "--limit", "1")[1]


def test_letters_of_many_pages_are_each_counted_once(dead, redis_url, valkey):
    ids = [put(valkey, noted(str(n))) for n in range(2 * BATCH + 1)]
    park(redis_url, *("a reason" for _ in ids))
    moment = time.time() + queues.FAILED_TTL_S
    valkey.zadd(queues.failed_key("routing"), dict.fromkeys(ids[BATCH // 2 : 2 * BATCH], moment))

    assert told(dead, "list")["count"] == len(ids)
    assert told(dead, "replay", "--all", "--dry-run")["replayed"] == len(ids)


def test_what_has_expired_is_not_listed(dead, redis_url, valkey):
    (job_id,) = parked(redis_url, noted())
    valkey.zadd(queues.failed_key("routing"), {job_id: time.time() - 1})

    assert dead("list") == (0, "none\n")


def test_one_letter_is_shown_with_what_it_was_and_what_replay_would_do(dead, redis_url, valkey):
    body = incoming(caller_id_name="Ana")
    job_id = put(valkey, body, exceptions=1, lost_leases=2)
    park(redis_url, f"a reason that names {CALLER}")

    masked, whole = told(dead, "show", job_id), told(dead, "show", job_id, "--unmask")
    code, page = dead("show", job_id)

    call = call_of("session-1")
    assert {name: masked[name] for name in ("id", "what", "kind", "call", "attempts", "lost_leases", "stale")} == {
        "id": job_id,
        "what": "call.initiated",
        "kind": "routing",
        "call": call,
        "attempts": 4,
        "lost_leases": 2,
        "stale": False,
    }
    assert masked["reason"] == "a reason that names +1•••42"
    assert masked["replay"] == f"applies call.initiated to call {call}, of which nothing is known yet"
    assert masked["payload"]["data"]["payload"]["from"] == "+1•••42"
    assert whole["payload"] == json.loads(body)
    assert (CALLER in page, "Ana" in page, code) == (False, False, 0)


def test_jobs_of_every_function_say_what_a_replay_would_do(dead, redis_url, valkey):
    put_recording(valkey, "file", "https://storage.example.com")
    park(redis_url, "a reason", kind="recording")
    timer = queues.MsgpackSerializer.dumps(("call-1", "announce", 3))
    leg = {"call": "call-1", "leg": "leg-1", "at": 1.5}
    request = json.dumps(
        {"call": "call-2", "profile": "reminder", "to": CALLER, "variables": {"name": "Ana"}, "plan": "p"}
    )
    outcome = json.dumps(
        {"hook": "hooks:told", "call": {"call": "call-3", "direction": "outgoing", "from_": CALLER, "to": "x"}}
    )
    jobs = {
        "timer": queues.job_data(queues.FIRE_TIMER, time.time(), timer),
        "request": queues.job_data(queues.PLACE_CALL, time.time(), request.encode()),
        "leg": queues.job_data(queues.END_LEG, time.time(), json.dumps(leg).encode()),
        "outcome": queues.job_data(queues.TELL_OUTCOME, time.time(), outcome.encode()),
        "unknown": queues.job_data("workers.engine.jobs.not_invented_yet", time.time(), b""),
        "newer": queues.MsgpackSerializer.dumps((queues.APPLY_WEBHOOK, None, [queues.SCHEMA + 1], {})),
        "no-event": webhook_data(b"[]"),
        "pickled": b"\x80\x04\x95",
    }
    for job_id, data in jobs.items():
        put_hash(valkey, job_id, data)
        valkey.rpush(queues.queue_key("routing"), job_id)
    park(redis_url, *("a reason" for _ in jobs))

    documents = {job_id: told(dead, "show", job_id) for job_id in ("recording-file", *jobs)}

    assert {job_id: document["replay"] for job_id, document in documents.items()} == {
        "recording-file": "fetches the recording file of call call-1",
        "timer": "nothing, as its call is over; with --include-stale it fires the timer 'announce' of call call-1",
        "request": "dials under the profile 'reminder' for call call-2, of which nothing is known yet",
        "leg": "nothing, as its call is over; with --include-stale it notes the end of a leg that was found"
        " gone, in call call-1",
        "outcome": "tells the hook 'hooks:told' the outcome of call call-3",
        "unknown": "tries it again, though this version does not know its function",
        "newer": "tries it again, though its schema 2 is newer than this version",
        "no-event": "tries it again, though unreadable: WrongShape",
        "pickled": "tries it again, though its data is not what a job carries: ValidationError",
    }
    assert Counter(CALLER in json.dumps(document) for document in documents.values()) == {False: 9}
    assert documents["request"]["payload"]["variables"] == {"name": "•••"}


def test_a_call_whose_record_is_of_a_wrong_type_spoils_no_list(dead, redis_url, valkey):
    (job_id,) = parked(redis_url, noted("one"))
    valkey.set(queues.call_key(call_of("one")), "no record")

    assert told(dead, "show", job_id)["stale"] is False


def test_a_broken_id_with_a_number_that_is_no_time_is_listed_as_it_is(dead, valkey):
    valkey.lpush(queues.PARKED, "an-id 99999999999999999999 a reason")

    code, told = dead("list")

    assert (code, "its line is unreadable" in told) == (0, True)


def test_the_list_of_what_was_broken_keeps_the_newest_ten_thousand(dead, redis_url, valkey):
    valkey.rpush(queues.PARKED, *(f"id-{n} 1764112345.5 a reason" for n in range(10_000)))
    put_pending(valkey, "lost", age_s=6.0)

    async def swept():
        client = connect(Settings(redis_url=redis_url))
        await Sweep(client, "routing").once()
        await client.aclose()

    taken = broken(redis_url, valkey)
    run(swept())

    assert valkey.llen(queues.PARKED) == 10_000
    assert [told(dead, "show", job_id)["id"] for job_id in (taken, "lost")] == [taken, "lost"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("replay", "--all", "--rate", "0/s"), "0/s"),
        (("replay", "--all", "--rate", "fast"), "fast"),
        (("list", "--limit", "0"), "'0'"),
        (("list", "--kind", "mail"), "mail"),
        (("discard", "--reason", " "), "--all"),
        (("show",), "ID"),
        ((), "VERB"),
    ],
)
def test_bad_usage_is_one_line_and_exits_2(dead, words, named):
    code, said = dead(*words)

    assert (code, said.count("\n"), named in said) == (2, 1, True)
