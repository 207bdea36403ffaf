"""`trunkline dialplan diff`: which calls of the real handler would go elsewhere under another dialplan."""

import json
import time

import pytest

from console.dialplan.begun import BATCH, HEAD
from shared import queues, timeline
from shared.timeline import EventEntry
from tests.command import trunkline
from tests.integration import two_dialplans
from tests.integration.happened import call_of, happens, of_leg
from tests.integration.two_dialplans import ELSEWHERE, OLD, SHOP, calls_out
from tests.integration.workers.bench import CALLER, DESK, incoming, loaded_plan

dialplan, elsewhere = two_dialplans.dialplan, two_dialplans.elsewhere


def test_calls_that_would_go_elsewhere_are_listed_the_newest_first(dialplan, redis_url, valkey, elsewhere):
    happens(
        redis_url,
        valkey,
        incoming("to-the-clinic"),
        incoming("to-the-shop", to=SHOP),
        incoming("no-rule", to=DESK),
        plan=OLD,
    )
    [ours] = calls_out(redis_url, valkey, CALLER)

    code, told = dialplan("diff", "--since", "1h", "--against", elsewhere())

    lines = told.splitlines()
    assert code == 1
    assert [line.split()[1] for line in lines[:-1:2]] == [ours, call_of("to-the-shop"), call_of("to-the-clinic")]
    assert lines[1:6:2] == [
        "  rule '[outbound.reminder]'; action from: +1•••00 → +1•••01",
        "  rule 'shop' → 'the shop': the same action",
        "  rule 'clinic'; destination then.to: +1•••11 → +1•••12",
    ]
    assert lines[-1] == "4 calls looked at, 3 would go elsewhere"
    assert "+1312555" not in told


def test_each_call_is_compared_with_the_dialplan_that_it_began_under(dialplan, redis_url, valkey, elsewhere):
    happens(redis_url, valkey, incoming("before"), plan=OLD)
    happens(redis_url, valkey, incoming("after"), plan=ELSEWHERE)

    _, told = dialplan("diff", "--against", elsewhere(), "--json", "--unmask")

    document = json.loads(told)
    assert [(change["call"], change["from"]) for change in document["changes"]] == [(call_of("before"), CALLER)]
    assert document["changes"][0]["difference"] == {
        "kind": "destination",
        "at": "then.to",
        "old": DESK,
        "new": "+13125550112",
    }
    assert (document["looked_at"], document["elsewhere"], document["not_compared"]) == (2, 1, {})


def test_calls_that_cannot_be_compared_are_counted_by_why_not(dialplan, redis_url, valkey, elsewhere):
    happens(
        redis_url,
        valkey,
        *(incoming(f"session-{n}") for n in range(3)),
        of_leg("call.hangup", "foreign"),
        plan=OLD,
    )
    happens(redis_url, valkey, incoming("other"), plan=ELSEWHERE)
    valkey.delete(queues.timeline_key(call_of("session-0")))
    valkey.hset(queues.call_key(call_of("session-1")), "record", b"what nobody can read")
    valkey.delete(queues.plan_key(loaded_plan(ELSEWHERE).hash))

    code, told = dialplan("diff", "--against", elsewhere(OLD))

    assert code == 0
    assert told == (
        "5 calls looked at, 0 would go elsewhere; not compared: 1 dialplan gone, 1 never routed, "
        "1 record unreadable, 1 timeline gone\n"
    )


def test_a_call_that_began_before_is_not_looked_at(dialplan, redis_url, valkey, elsewhere):
    happens(redis_url, valkey, incoming("old"), incoming("young"), plan=OLD)
    valkey.zadd(queues.CALLS, {call_of("old"): time.time() - 7300})

    assert dialplan("diff", "--since", "2h", "--against", elsewhere())[1].endswith(
        "1 calls looked at, 1 would go elsewhere\n"
    )


def test_the_beginning_is_found_behind_many_entries_and_on_every_page(dialplan, redis_url, valkey, elsewhere):
    sessions = [f"session-{n}" for n in range(BATCH + 2)]
    happens(redis_url, valkey, *map(incoming, sessions), plan=OLD)
    unheard = timeline.encode(EventEntry("call.unheard", 1.0, "noted", 1))
    valkey.lpush(queues.timeline_key(call_of(sessions[0])), *[unheard] * HEAD)

    _, told = dialplan("diff", "--against", elsewhere(), "--json")

    assert [change["call"] for change in json.loads(told)["changes"]] == [
        call_of(name) for name in reversed(sessions)
    ]


def test_a_late_call_is_compared_by_what_it_got_once_it_was_looked_at(dialplan, redis_url, valkey, elsewhere):
    body = json.loads(incoming("late"))
    body["data"]["occurred_at"] = "2026-03-02T12:00:00Z"
    happens(redis_url, valkey, json.dumps(body).encode(), plan=OLD)

    entries = [timeline.decode(entry) for entry in valkey.lrange(queues.timeline_key(call_of("late")), 0, -1)]

    assert [entry.verb for entry in entries if isinstance(entry, timeline.CommandEntry)] == [
        "look_at_leg",
        "answer",
    ]
    assert dialplan("diff", "--against", elsewhere(OLD))[0] == 0
    assert dialplan("diff", "--against", elsewhere())[0] == 1


HOOKED = OLD.replace('{ do = "say", text = "We are closed." }', '{ do = "hook", call = "CHOOSES:choose" }')


def test_a_hook_of_the_other_dialplan_is_asked_as_a_worker_would(dialplan, redis_url, valkey, elsewhere, tmp_path):
    happens(redis_url, valkey, incoming("to-the-shop", to=SHOP), plan=OLD)
    module = tmp_path / "hooks_of_the_diff.py"
    module.write_text("from shared.dialplan import Reject\ndef choose(call, now):\n    return Reject()\n")

    _, told = dialplan("diff", "--against", elsewhere(HOOKED.replace("CHOOSES", module.stem)))

    assert "  rule 'shop'; action then: say → hook" in told


def test_a_hook_that_cannot_be_loaded_is_told(dialplan, redis_url, valkey, elsewhere):
    _, told = dialplan("diff", "--against", elsewhere(HOOKED.replace("CHOOSES", "no_such_module")))

    assert "hook no_such_module:choose cannot be loaded, so its calls go to [default]: " in told


def test_diff_says_by_its_exit_code_what_it_has_found(dialplan, redis_url, valkey, elsewhere):
    happens(redis_url, valkey, incoming("session-1"), plan=OLD)

    unlike = dialplan("diff", "--since", "1h", "--against", elsewhere(), "--json")
    alike = dialplan("diff", "--against", elsewhere(OLD), "--json")

    assert (unlike[0], alike[0]) == (1, 0)
    assert [change["call"] for change in json.loads(unlike[1])["changes"]] == [call_of("session-1")]
    assert json.loads(alike[1]) == {"changes": [], "looked_at": 1, "elsewhere": 0, "not_compared": {}}


def test_diff_without_a_server_that_answers_has_found_nothing_out(elsewhere):
    done = trunkline("dialplan", "diff", "--against", str(elsewhere()), REDIS_URL="redis://127.0.0.1:1")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("REDIS_URL does not answer: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--against"),
        (("--since", "a week", "--against", "new.toml"), "'a week' is no span such as 90m, 12h or 7d"),
        (("--against", "nowhere.toml"), "nowhere.toml does not exist"),
    ],
)
def test_bad_usage_and_input_are_one_line_and_exit_2(words, said):
    done = trunkline("dialplan", "diff", *words, REDIS_URL="redis://127.0.0.1:1")

    assert (done.returncode, done.stderr.count("\n"), said in done.stderr) == (2, 1, True)
