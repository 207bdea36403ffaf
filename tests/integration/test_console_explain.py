"""`trunkline dialplan explain --call` and `dialplan diff`: calls of the real handler, looked at again."""

import json
import time

import pytest
from redis.asyncio import Redis

from console.begun import BATCH, HEAD
from console.cli import build_parser
from console.records import PAGE, newest
from shared import queues, timeline
from shared.calls import Request
from shared.events import read_envelope
from shared.ids import CallId, SessionId, inbound_call_id
from shared.timeline import EventEntry
from tests.command import trunkline
from tests.integration.workers.bench import CALLER, CLINIC, DESK, incoming, loaded_plan, parts, run, until
from tests.integration.workers.telnyx import accepts, telnyx
from tests.signing import webhook_body
from workers.delivery.entries import Times
from workers.delivery.store import Where
from workers.logic.happened import CallRequested, TimerFired

SHOP = "+13125550200"
OLD = f"""
version = 1
timezone = "America/Chicago"
voice = "female"
[limits]
allow = ["+1*"]
[[rules]]
name = "hidden"
when = {{ from = "anonymous" }}
then = {{ do = "reject" }}
[[rules]]
name = "clinic"
when = {{ to = "{CLINIC}" }}
then = {{ do = "transfer", to = "{DESK}" }}
[[rules]]
name = "shop"
when = {{ to = "{SHOP}" }}
then = {{ do = "say", text = "We are closed." }}
[outbound.reminder]
from = "+13125550300"
human = {{ do = "say", text = "Hello {{name}}." }}
[default]
then = {{ do = "reject" }}
"""
ELSEWHERE = (
    OLD.replace(DESK, "+13125550112").replace('"shop"', '"the shop"').replace("+13125550300", "+13125550301")
)


def happens(url, valkey, *bodies, plan=OLD):
    """Apply these webhooks as a worker does that runs this dialplan."""

    async def scenario():
        async with telnyx(accepts) as there, parts(url, there.url, plan=plan) as at:
            for body in bodies:
                envelope = read_envelope(body)
                now = time.time()
                times = Times(envelope.occurred_at.timestamp(), now, now, now)
                await at.handler.webhook(envelope, body, times)
                await until(lambda: not valkey.keys(queues.outbox_key("*")), "all is settled")

    run(scenario())


def calls_out(url, valkey, *numbers):
    """Begin calls of ours, each in its turn; their ids."""
    ids = [CallId(f"call-to-{number}") for number in numbers]

    async def scenario():
        async with telnyx(accepts) as there, parts(url, there.url, plan=OLD) as at:
            for call_id, number in zip(ids, numbers, strict=True):
                where, now = Where(None, None, None, call_id), time.time()
                asked = Request(call_id, "reminder", number, {"name": "Ana"}, loaded_plan(OLD).hash)
                times = Times(now, now, now, now)
                await at.handler.apply(CallRequested(asked, now), where, "call.requested", times, event=call_id)
                await at.handler.apply(TimerFired("2:turn", 1, now), where, "timer 2:turn", times)
                await until(lambda: not valkey.keys(queues.outbox_key("*")), "all is settled")

    run(scenario())
    return ids


def call_of(session):
    return inbound_call_id(SessionId(session))


def of_leg(event_type, session, **payload):
    ids = {"call_control_id": f"v3:{session}", "call_leg_id": session, "call_session_id": session}
    return webhook_body(event_type, **ids, **payload)


@pytest.fixture
def dialplan(redis_url, capsys):
    """`dialplan("diff", "--against", …)`: the exit code, and what was printed."""

    def ask(*words):
        arguments = build_parser().parse_args(["dialplan", *map(str, words)])
        capsys.readouterr()  # what was logged until now
        code = arguments.run(arguments, {"REDIS_URL": redis_url})
        told = capsys.readouterr()
        return code, told.out + told.err

    return ask


@pytest.fixture
def elsewhere(tmp_path):
    """Another dialplan in a file, or whatever text is given."""

    def write(text=ELSEWHERE):
        (tmp_path / "new.toml").write_text(text)
        return tmp_path / "new.toml"

    return write


def test_a_call_that_was_is_explained_by_the_dialplan_that_it_began_under(dialplan, redis_url, valkey):
    happens(redis_url, valkey, incoming("session-1"), of_leg("call.answered", "session-1"))
    happens(redis_url, valkey, incoming("session-2"), plan=ELSEWHERE)

    code, told = dialplan("explain", "--call", "session-1")

    lines = told.splitlines()
    assert code == 0
    assert lines[0] == f"call {call_of('session-1')}, begun under dialplan {loaded_plan(OLD).hash}"
    assert lines[1].startswith("+1•••42 calls +1•••00 on ")
    assert lines[1].endswith("(America/Chicago)")
    assert lines[3:5] == ["no   hidden  from: another number calls", "yes  clinic"]
    what = [line.split()[1:4] for line in lines[6:]]
    assert ["call.initiated", "incoming,", "+1•••42"] in what
    assert [">", "2", "transfer"] in what
    assert "rule 'clinic'" in told
    assert "+1312555" not in told
    assert "+1202555" not in told


def test_an_explained_call_shows_its_numbers_when_asked_to(dialplan, redis_url, valkey):
    happens(redis_url, valkey, incoming("session-1"), of_leg("call.answered", "session-1"))

    code, told = dialplan("explain", "--call", call_of("session-1"), "--unmask", "--json")

    explained = json.loads(told)
    assert code == 0
    assert (explained["from"], explained["to"], explained["rule"]) == (CALLER, CLINIC, "clinic")
    assert explained["why"] == [{"rule": "hidden", "key": "from", "detail": "another number calls"}]
    assert [step["name"] for step in explained["steps"] if step["kind"] == "command"] == ["answer", "transfer"]
    assert f"to {DESK}" in [step.get("detail") for step in explained["steps"]]


def test_a_call_of_ours_is_explained_by_its_profile(dialplan, redis_url, valkey):
    [call_id] = calls_out(redis_url, valkey, CALLER)

    _, told = dialplan("explain", "--call", call_id)

    assert "we call +1•••42" in told
    assert "yes  [outbound.reminder]" in told
    assert "dial" in told


def test_a_call_is_told_as_far_as_it_is_known(dialplan, redis_url, valkey):
    happens(redis_url, valkey, incoming("session-1"), of_leg("call.hangup", "session-2"))
    valkey.delete(queues.plan_key(loaded_plan(OLD).hash))

    without_a_plan = dialplan("explain", "--call", "session-1")
    without_a_rule = dialplan("explain", "--call", "session-2")

    assert without_a_plan[0] == without_a_rule[0] == 0
    assert (
        "yes  clinic\nwhy no earlier rule took it is not known: that dialplan is no longer kept"
        in without_a_plan[1]
    )
    assert "no rule has taken it" in without_a_rule[1]


@pytest.mark.parametrize("name", ["nobody", "a\nb", ""])
def test_a_call_that_is_not_kept_is_not_explained(dialplan, valkey, name):
    code, told = dialplan("explain", "--call", name)

    assert code == 1
    assert told == f"give our id of a call, or Telnyx's of its session or a leg: none is kept of {name!r}\n"


def test_calls_that_would_go_elsewhere_are_listed_the_newest_first(dialplan, redis_url, valkey, elsewhere):
    happens(
        redis_url,
        valkey,
        incoming("to-the-clinic"),
        incoming("to-the-shop", to=SHOP),
        incoming("no-rule", to=DESK),
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
    happens(redis_url, valkey, incoming("before"))
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
    happens(redis_url, valkey, *(incoming(f"session-{n}") for n in range(3)), of_leg("call.hangup", "foreign"))
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
    happens(redis_url, valkey, incoming("old"), incoming("young"))
    valkey.zadd(queues.CALLS, {call_of("old"): time.time() - 7300})

    assert dialplan("diff", "--since", "2h", "--against", elsewhere())[1].endswith(
        "1 calls looked at, 1 would go elsewhere\n"
    )


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


def test_the_beginning_is_found_behind_many_entries_and_on_every_page(dialplan, redis_url, valkey, elsewhere):
    sessions = [f"session-{n}" for n in range(BATCH + 2)]
    happens(redis_url, valkey, *map(incoming, sessions))
    unheard = timeline.encode(EventEntry("call.unheard", 1.0, "noted", 1))
    valkey.lpush(queues.timeline_key(call_of(sessions[0])), *[unheard] * HEAD)

    _, told = dialplan("diff", "--against", elsewhere(), "--json")

    assert [change["call"] for change in json.loads(told)["changes"]] == [
        call_of(name) for name in reversed(sessions)
    ]


def test_a_late_call_is_compared_by_what_it_got_once_it_was_looked_at(dialplan, redis_url, valkey, elsewhere):
    body = json.loads(incoming("late"))
    body["data"]["occurred_at"] = "2026-03-02T12:00:00Z"
    happens(redis_url, valkey, json.dumps(body).encode())

    entries = [timeline.decode(entry) for entry in valkey.lrange(queues.timeline_key(call_of("late")), 0, -1)]

    assert [entry.verb for entry in entries if isinstance(entry, timeline.CommandEntry)] == [
        "look_at_leg",
        "answer",
    ]
    assert dialplan("diff", "--against", elsewhere(OLD))[0] == 0
    assert dialplan("diff", "--against", elsewhere())[0] == 1


HOOKED = OLD.replace('{ do = "say", text = "We are closed." }', '{ do = "hook", call = "CHOOSES:choose" }')


def test_a_hook_of_the_other_dialplan_is_asked_as_a_worker_would(dialplan, redis_url, valkey, elsewhere, tmp_path):
    happens(redis_url, valkey, incoming("to-the-shop", to=SHOP))
    module = tmp_path / "hooks_of_the_diff.py"
    module.write_text("from shared.dialplan import Reject\ndef choose(call, now):\n    return Reject()\n")

    _, told = dialplan("diff", "--against", elsewhere(HOOKED.replace("CHOOSES", module.stem)))

    assert "  rule 'shop'; action then: say → hook" in told


def test_a_hook_that_cannot_be_loaded_is_told(dialplan, redis_url, valkey, elsewhere):
    _, told = dialplan("diff", "--against", elsewhere(HOOKED.replace("CHOOSES", "no_such_module")))

    assert "hook no_such_module:choose cannot be loaded, so its calls go to [default]: " in told


def test_diff_says_by_its_exit_code_what_it_has_found(redis_url, valkey, elsewhere, tmp_path):
    happens(redis_url, valkey, incoming("session-1"))
    same = tmp_path / "same.toml"
    same.write_text(OLD)
    diff = ("dialplan", "diff", "--since", "1h", "--json")

    unlike = trunkline(*diff, "--against", str(elsewhere()), REDIS_URL=redis_url)
    alike = trunkline(*diff, "--against", str(same), REDIS_URL=redis_url)

    assert [done.returncode for done in (unlike, alike)] == [1, 0]
    assert [change["call"] for change in json.loads(unlike.stdout)["changes"]] == [call_of("session-1")]
    assert json.loads(alike.stdout) == {"changes": [], "looked_at": 1, "elsewhere": 0, "not_compared": {}}


def test_diff_without_a_server_that_answers_has_found_nothing_out(elsewhere, capsys):
    arguments = build_parser().parse_args(["dialplan", "diff", "--against", str(elsewhere())])

    assert arguments.run(arguments, {"REDIS_URL": "redis://127.0.0.1:1"}) == 2
    assert capsys.readouterr().err.startswith("REDIS_URL does not answer: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--against"),
        (("--since", "a week", "--against", "new.toml"), "'a week' is no span such as 90m, 12h or 7d"),
    ],
)
def test_bad_usage_of_diff_is_one_line_and_exits_2(words, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        build_parser().parse_args(["dialplan", "diff", *words])

    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_bad_input_is_one_line_and_exits_2():
    done = trunkline("dialplan", "diff", "--against", "nowhere.toml", REDIS_URL="redis://127.0.0.1:1")

    assert done.returncode == 2
    assert done.stderr.startswith("nowhere.toml does not exist")
    assert done.stderr.count("\n") == 1


def test_explain_needs_no_valkey(elsewhere):
    call = ("--to", CLINIC, "--from", CALLER, "--at", "2026-12-25 10:00")

    done = trunkline("dialplan", "explain", *call, "--json", str(elsewhere(OLD)))

    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["at"], told["rule"], told["action"]["do"]) == ("2026-12-25T10:00:00-06:00", "clinic", "transfer")
    assert told["follows"]["ways"][0]["when"] == f"{DESK} takes it"
