"""`trunkline dialplan explain`: calls of the real handler, and the rule that took each."""

import json

import pytest

from shared import queues
from tests.command import trunkline
from tests.integration import two_dialplans
from tests.integration.happened import call_of, happens, of_leg
from tests.integration.two_dialplans import ELSEWHERE, OLD, calls_out
from tests.integration.workers.bench import CALLER, CLINIC, DESK, incoming, loaded_plan

dialplan, elsewhere = two_dialplans.dialplan, two_dialplans.elsewhere


def test_a_call_that_was_is_explained_by_the_dialplan_that_it_began_under(dialplan, redis_url, valkey):
    happens(redis_url, valkey, incoming("session-1"), of_leg("call.answered", "session-1"), plan=OLD)
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
    happens(redis_url, valkey, incoming("session-1"), of_leg("call.answered", "session-1"), plan=OLD)

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
    happens(redis_url, valkey, incoming("session-1"), of_leg("call.hangup", "session-2"), plan=OLD)
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
    known = "its id, its call_session_id, or a call_leg_id or call_control_id of it"
    assert told == f"no call {name!r} is kept: give {known}\n"


def test_explain_needs_no_valkey(elsewhere):
    call = ("--to", CLINIC, "--from", CALLER, "--at", "2026-12-25 10:00")

    done = trunkline("dialplan", "explain", *call, "--json", str(elsewhere(OLD)))

    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["at"], told["rule"], told["action"]["do"]) == ("2026-12-25T10:00:00-06:00", "clinic", "transfer")
    assert told["follows"]["ways"][0]["when"] == f"{DESK} takes it"
