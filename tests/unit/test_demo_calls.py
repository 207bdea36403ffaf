"""Which calls the demo plays, and when one of them has come out right."""

from collections import Counter

import pytest

from console.demo.calls import CALLS_PER_S, DEFAULT_RULE, Done, difference, mix, rule_of, taken_otherwise
from console.demo.scenarios import Expected, Kind
from shared.dialplan import parse
from shared.placing import CallRequest

PLAN = parse(
    """
version = 1
timezone = "UTC"
[schedules.day]
open = { mon-sun = ["08:00-17:00"] }
[[rules]]
name = "hidden"
when = { to = "+13125550100", from = "anonymous", attestation = ["none"] }
then = { do = "reject" }
[[rules]]
name = "gold"
when = { to = "+13125550100", header = { X-Tier = "gold" } }
then = { do = "reject" }
[[rules]]
name = "tagged"
when = { to = "+13125550100", tags = "vip" }
then = { do = "reject" }
[[rules]]
name = "over 2"
when = { to = "+13125550100", connection = "2" }
then = { do = "reject" }
[[rules]]
name = "open"
when = { to = "+13125550100", schedule = "day" }
then = { do = "reject" }
[default]
then = { do = "reject" }
"""
)
NOON, NIGHT = 12 * 3600.0, 22 * 3600.0
CALL = {"from": "+12025550142", "to": "+13125550100"}


def kind(name="a kind", share=1, **fields):
    return Kind(name, "mine", share, Expected(), **fields)


@pytest.mark.parametrize(
    ("more", "connection", "at", "rule"),
    [
        ({"from": "anonymous", "attestation": "none"}, "1", NOON, "hidden"),
        ({"from": "anonymous", "attestation": "C"}, "1", NOON, "open"),
        ({"from": "anonymous"}, "1", NOON, "open"),
        ({"custom_headers": [{"name": "X-Tier", "value": "gold"}]}, "1", NOON, "gold"),
        ({"tags": ["vip"]}, "1", NOON, "tagged"),
        ({}, "2", NOON, "over 2"),
        ({}, "1", NOON, "open"),
        ({}, "1", NIGHT, DEFAULT_RULE),
        ({"to": "+13125550999"}, "1", NOON, DEFAULT_RULE),
        ({"hangs_up_after": 1.0, "callees": {}}, "1", NOON, "open"),  # what no rule looks at
    ],
)
def test_the_rule_that_takes_a_call_is_found_as_the_workers_find_it(more, connection, at, rule):
    assert rule_of(PLAN, CALL | more, connection, at) == rule


@pytest.mark.parametrize(
    ("rule", "at", "instead"),
    [("open", NOON, ""), ("open", NIGHT, DEFAULT_RULE), (DEFAULT_RULE, NOON, "open"), ("", NIGHT, "")],
)
def test_a_kind_can_be_played_at_the_hours_of_its_rule(rule, at, instead):
    wanted = Kind("a kind", "mine", 1, Expected(rule=rule), call=CALL)

    assert taken_otherwise(PLAN, wanted, "1", at) == instead


def test_a_request_can_be_played_at_any_hour():
    asked = kind(request=CallRequest("reminder", "+12025550171"))

    assert taken_otherwise(PLAN, asked, "1", NIGHT) == ""


KINDS = [kind("a", 8), kind("b", 1), kind("c", 3), kind("d", 2)]


@pytest.mark.parametrize("calls", [1, 3, 4, 14, 50, 300])
def test_the_mix_has_as_many_calls_as_asked_one_after_the_other(calls):
    placements = mix(KINDS, calls)

    assert len(placements) == calls
    assert [one.at_s for one in placements] == [number / CALLS_PER_S for number in range(calls)]


@pytest.mark.parametrize(
    "counts",
    [
        {"a": 1, "b": 1, "c": 1, "d": 1},
        {"a": 8, "b": 1, "c": 3, "d": 2},
        {"a": 9, "b": 1, "c": 3, "d": 2},
        {"a": 80, "b": 10, "c": 30, "d": 20},
    ],
)
def test_every_kind_has_its_share_of_the_calls_and_is_there(counts):
    placements = mix(KINDS, sum(counts.values()))

    assert Counter(one.kind.name for one in placements) == counts


RING = Expected(
    commands={"answer": 1, "dial": 3, "gather_using_speak": 3, "bridge": 1, "hangup": 2},
    unrung=2,
    talks_to=("+1312", "+1313"),
    recordings=1,
)


def rung(dials, **more):
    counts = {"answer": 1, "dial": dials, "gather_using_speak": dials, "bridge": 1, "hangup": dials - 1}
    return Done(+Counter(counts | more), ("+1312",), 1)


@pytest.mark.parametrize("done", [rung(3), rung(2), rung(1), rung(3)._replace(talked_to=("+1313",))])
def test_a_call_is_right_when_all_that_its_kind_expects_has_come_of_it_and_nothing_else(done):
    assert difference(RING, done) == ""


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (rung(3, speak=1), "1 speak instead of"),
        (rung(3, bridge=2), "2 bridge"),
        (rung(3, bridge=0), "commands 1 answer, 3 dial"),
        (rung(4), "4 dial"),
        (rung(0), "commands 1 answer, 1 bridge instead of"),
        (rung(2, hangup=2), "2 hangup"),
        (rung(3, hangup=1), "1 hangup"),
        (rung(2, gather_using_speak=1), "1 gather_using_speak"),
        (Done(Counter(), ("+1312",), 1), "commands none instead of 1 answer"),
        (rung(3)._replace(talked_to=()), "talked to nobody instead of +1312 or +1313"),
        (rung(3)._replace(talked_to=("+1314",)), "talked to +1314 instead of"),
        (rung(3)._replace(talked_to=("+1312", "+1313")), "talked to +1312 and +1313 instead of"),
        (rung(3)._replace(recordings=0), "0 recordings instead of 1"),
        (rung(3)._replace(recordings=2), "2 recordings instead of 1"),
    ],
)
def test_what_is_wrong_with_a_call_is_told(done, told):
    assert told in difference(RING, done)


def test_only_where_the_first_wins_it_matters_who_had_answered_before():
    done = Done(Counter(), ("+1312",), passed_over=("+1313",))

    either, first = (Expected(talks_to=("+1312", "+1313"), first_wins=wins) for wins in (False, True))

    assert difference(either, done) == ""
    assert difference(first, done) == "passed over +1313, who had answered before"


def test_nobody_may_be_left_out_of_a_group_where_the_kind_does_not_say_so():
    expect = Expected(commands={"answer": 1, "dial": 3, "hangup": 1})

    assert difference(expect, Done(Counter(answer=1, dial=3, hangup=1), (), 0)) == ""
    assert difference(expect, Done(Counter(answer=1, dial=2), (), 0))


def test_who_was_to_talk_to_nobody_has_talked_to_nobody():
    expect = Expected(commands={"answer": 1})

    assert "talked to +1312 instead of nobody" in difference(expect, Done(Counter(answer=1), ("+1312",), 0))
