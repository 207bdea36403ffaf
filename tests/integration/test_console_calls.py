"""`trunkline calls`: what the real handler has written, told to an operator."""

import json
import time
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from console.export import decode
from console.paging import PAGE
from console.records import newest
from shared import queues
from tests.command import trunkline
from tests.integration.happened import call_of, happens, of_leg, three_calls
from tests.integration.workers.bench import CALLER, DESK, incoming, run
from tests.integration.workers.telnyx import in_turn, reply
from tests.replay import recorded, replayed
from tests.signing import event_id_of


@pytest.fixture
def calls(redis_url):
    """`calls("list", "--json")`: the exit code, and what was printed."""

    def ask(*words):
        done = trunkline("calls", *words, REDIS_URL=redis_url)
        return done.returncode, done.stdout + done.stderr

    return ask


def listed(calls, *words):
    code, told = calls("list", "--json", *words)
    assert code == 0
    return [call["id"] for call in json.loads(told)["calls"]]


@pytest.fixture
def three(redis_url, valkey):
    return three_calls(redis_url, valkey)


def test_calls_are_listed_the_newest_first(calls, three):
    rings, rejected, gone = three

    code, told = calls("list")

    heads, *lines = told.splitlines()
    assert code == 0
    assert heads.split() == ["began", "id", "direction", "from", "to", "rule", "state", "legs", "duration"]
    assert [line.split()[1] for line in lines] == [gone, rejected, rings]
    assert lines[2].split()[2:7] == ["inbound", "+1•••42", "+1•••00", "clinic", "transfer"]
    assert CALLER not in told


def test_a_list_is_narrowed(calls, three):
    rings, rejected, gone = three
    expected = {
        ("--live",): [rings],
        ("--over",): [gone, rejected],
        ("--rule", "clinic"): [gone, rings],
        ("--rule", "[default]"): [rejected],
        ("--outcome", "originator_cancel"): [gone],
        ("--number", CALLER): [rejected, rings],
        ("--number", "+44*"): [gone],
        ("--number", "+44*", "--live"): [],
        ("--since", "1h"): [gone, rejected, rings],
        ("--limit", "1"): [gone],
    }

    assert {words: listed(calls, *words) for words in expected} == expected


def test_what_began_before_is_not_in_a_list_of_what_began_since(calls, three, valkey):
    rings, rejected, gone = three
    valkey.zadd(queues.CALLS, {rings: time.time() - 7300, rejected: time.time() - 7100})

    assert listed(calls, "--since", "2h") == [gone, rejected]


def test_a_list_goes_on_over_pages_until_it_has_enough(calls, three, valkey):
    valkey.zadd(queues.CALLS, {f"forgotten-{n}": time.time() + n for n in range(2 * PAGE + 1)})

    assert listed(calls, "--rule", "clinic") == [three[2], three[0]]
    assert len(listed(calls, "--limit", str(PAGE + 1))) == PAGE + 1


@pytest.mark.parametrize("apart_s", [0.0, 1.0])
def test_every_call_is_looked_at_once_however_many_begin_at_once_or_meanwhile(redis_url, valkey, apart_s):
    began = {f"call-{n}": 1000.0 - n * apart_s for n in range(2 * PAGE + 1)}
    valkey.zadd(queues.CALLS, began)

    async def walk():
        found = []
        async with Redis.from_url(redis_url) as client:
            async for kept in newest(client):
                valkey.zadd(queues.CALLS, {f"meanwhile-{len(found)}": 2000.0})
                found.append(kept.id)
        return found

    assert sorted(run(walk())) == sorted(began)


def test_a_call_whose_record_was_forgotten_is_told_from_its_timeline(calls, three, valkey):
    _, rejected, gone = three
    _, before = calls("show", gone)
    valkey.delete(*(queues.call_key(call) for call in three), queues.timeline_key(rejected))

    assert listed(calls, "--outcome", "originator_cancel") == [gone]
    assert calls("show", gone) == (0, before)
    assert calls("export", gone)[0] == 0


def test_a_call_whose_timeline_was_trimmed_is_told_from_its_record(calls, three, valkey):
    valkey.delete(queues.timeline_key(three[0]))

    code, told = calls("show", three[0])

    assert (code, "clinic" in told, "Nothing is left of its timeline." in told) == (0, True, True)
    assert calls("export", three[0])[0] == 1


def test_a_call_is_shown_with_every_event_command_and_answer(calls, redis_url, valkey):
    happens(redis_url, valkey, incoming(), of_leg("call.answered", "session-1"), answer=in_turn(reply(503)))

    code, told = calls("show", call_of("session-1"), "--json")

    document = json.loads(told)
    steps = document["steps"]
    assert code == 0
    assert [(step["kind"], step["name"]) for step in steps] == [
        ("event", "call.initiated"),
        ("command", "answer"),
        ("answer", "answer"),
        ("event", "call.answered"),
        ("command", "transfer"),
        ("answer", "transfer"),
    ]
    assert (steps[0]["note"], steps[0]["state"]) == ("rule 'clinic'", "transfer")
    assert steps[0]["spans"].keys() == {"received", "queued", "decided"}
    assert (steps[2]["status"], steps[2]["tries"], steps[2]["spans"].keys()) == (200, 2, {"sent", "answered"})
    assert (document["legs"][0]["from"], steps[4]["detail"]) == ("+1•••42", "to +1•••11")
    assert document["slowest"]["s"] == max(span for step in steps for span in step.get("spans", {}).values())
    assert (CALLER in told, DESK in told) == (False, False)


@pytest.mark.parametrize("word", ["show", "export"])
def test_without_an_id_it_is_the_newest_call(calls, three, word):
    assert calls(word) == calls(word, three[2])


@pytest.mark.parametrize("word", ["show", "export"])
def test_where_no_call_is_kept_there_is_no_newest_one(calls, valkey, word):
    assert calls(word) == (1, "no call is kept\n")


@pytest.mark.parametrize("word", ["show", "export"])
@pytest.mark.parametrize("name", ["its own id", "leg", "session", "session of a forgotten alias"])
def test_a_call_is_found_by_any_of_its_ids(calls, redis_url, valkey, word, name):
    leg = str(uuid4())
    happens(redis_url, valkey, incoming("session-1", call_leg_id=leg))
    if name == "session of a forgotten alias":
        valkey.delete(queues.session_key("session-1"))

    code, told = calls(word, {"its own id": call_of("session-1"), "leg": leg}.get(name, "session-1"))

    assert (code, call_of("session-1") in told) == (0, True)


@pytest.mark.parametrize("word", ["show", "export"])
@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_call_is_found_by_a_control_id_as_long_as_anything_is_left_of_it(
    calls, three, valkey, word, is_forgotten
):
    valkey.zadd(queues.CALLS, {f"another-{n}": time.time() + n for n in range(PAGE + 1)})
    valkey.set(queues.call_key("another-1"), "of a wrong type")
    if is_forgotten:
        valkey.delete(queues.call_key(three[2]), *valkey.keys(queues.leg_key("*")))

    code, told = calls(word, "v3:gone")

    assert (code, three[2] in told) == (0, True)


@pytest.mark.parametrize("name", ["v3:gon", "3:gone", "v3:gone "])
def test_of_a_control_id_no_part_will_do(calls, three, name):
    assert calls("show", name)[0] == 1


@pytest.mark.parametrize("word", ["show", "export"])
@pytest.mark.parametrize("name", ["v3:nobody", "", "trunkline:stats"])
def test_a_call_that_is_not_kept_is_one_line_and_exits_1(calls, valkey, word, name):
    code, told = calls(word, name)

    assert (code, told.count("\n")) == (1, 1)
    assert repr(name) in told
    assert "call_session_id" in told


@pytest.mark.parametrize(("words", "shown"), [((), "+1•••42"), (("--unmask",), CALLER)])
@pytest.mark.parametrize("word", ["list", "show"])
def test_numbers_are_shown_only_when_asked_for(calls, redis_url, valkey, word, words, shown):
    happens(redis_url, valkey, incoming())

    _, told = calls(word, *([call_of("session-1")] if word == "show" else []), *words)

    assert shown in told
    assert (CALLER in told) == (shown == CALLER)


@pytest.mark.parametrize("words", [(), ("--unmask",)])
def test_an_exported_call_is_decided_again_as_it_was(calls, redis_url, valkey, tmp_path, words):
    body = incoming()
    happens(redis_url, valkey, body, of_leg("call.answered", "session-1"), answer=in_turn(reply(422, "90034")))
    file = tmp_path / "call.json"

    code, told = calls("export", call_of("session-1"), "--out", str(file), *words)

    document = decode(file.read_bytes())
    assert (code, str(file) in told) == (0, True)
    assert replayed(document) == recorded(document)
    assert [came.version for came in recorded(document)] == list(range(1, len(document.steps) + 1))
    assert (CALLER in file.read_text(), event_id_of(body) in file.read_text()) == (bool(words), True)


def test_without_a_file_an_export_goes_to_standard_output(calls, redis_url, valkey):
    happens(redis_url, valkey, incoming())

    _, told = calls("export", call_of("session-1"))

    assert decode(told.encode()).call == call_of("session-1")


def test_a_call_whose_dialplan_is_gone_is_not_exported(calls, three, valkey):
    valkey.delete(*valkey.keys(queues.plan_key("*")))

    code, told = calls("export", three[0])

    assert (code, told.count("\n"), "dialplan" in told) == (1, 1, True)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("list", "--since", "yesterday"), "yesterday"),
        (("list", "--since", "0s"), "'0s'"),  # no calls, and not all of them
        (("list", "--number", "Ana"), "Ana"),
        (("list", "--limit", "0"), "'0'"),
        (("list", "--live", "--over"), "--over"),
        (("export", "rings", "--out", "/nowhere/call.json"), "cannot be written"),
        (("show", "rings", "gone"), "gone"),
        ((), "VERB"),
    ],
)
def test_bad_usage_and_input_are_one_line_and_exit_2(calls, three, words, named):
    code, told = calls(*words)

    assert (code, told.count("\n"), named in told) == (2, 1, True)


def test_a_server_that_is_away_is_told_in_one_line():
    done = trunkline("calls", "list", REDIS_URL="redis://127.0.0.1:1/0")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("REDIS_URL does not answer: ")
