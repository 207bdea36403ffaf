"""The scenario files: the stand-in and the demo read the same in them, and each kind can come out right."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from console.demo import scenarios
from console.demo.calls import DEFAULT_RULE, taken_otherwise
from console.demo.scenarios import FOLDER, Expected
from shared import placing
from shared.dialplan import load
from simulator.parameters import VERBS
from simulator.scenario import InboundCall, parse_scenario
from tests.processes import ROOT

PLAN = load(ROOT / "dialplan.toml").plan
SCENARIOS = {name: scenarios.read(name) for name in scenarios.names()}
KINDS = {kind.name: kind for scenario in SCENARIOS.values() for kind in scenario.kinds}
OPEN, CLOSED = (
    datetime(2026, 3, day, 10, tzinfo=ZoneInfo(PLAN.timezone)).timestamp()
    for day in (2, 1)  # Monday, Sunday
)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_stand_in_reads_every_file_and_finds_in_it_what_the_demo_finds(name):
    told = parse_scenario((FOLDER / f"{name}.toml").read_text())

    kinds = SCENARIOS[name].kinds
    assert [kind.name for kind in kinds] == [one.kind for one in told.calls] + [
        one["kind"] for one in told.requests
    ]
    assert sum(bool(kind.call) for kind in kinds) == len(told.calls)
    assert SCENARIOS[name].callees.keys() == told.callees.keys()


def test_every_kind_has_a_name_of_its_own():
    names = Counter(kind.name for scenario in SCENARIOS.values() for kind in scenario.kinds)

    assert [name for name, count in names.items() if count > 1] == []


def test_whoever_is_in_two_files_behaves_the_same_in_both():
    people = [(number, habits) for scenario in SCENARIOS.values() for number, habits in scenario.callees.items()]

    assert {number: habits for number, habits in people if dict(people)[number] != habits} == {}


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.call])
def test_every_call_is_taken_by_the_rule_it_is_for_at_some_hour(name):
    kind = KINDS[name]

    asked = msgspec.convert(kind.call, InboundCall)

    assert asked.to
    assert "" in {taken_otherwise(PLAN, kind, "1", at) for at in (OPEN, CLOSED)}


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.request])
def test_every_request_is_one_that_the_dialplan_allows_and_somebody_is_called_by_it(name):
    request = KINDS[name].request

    placing.check(PLAN, request)

    assert request.to in SCENARIOS[KINDS[name].scenario].callees


@pytest.mark.parametrize("name", KINDS)
def test_what_a_kind_expects_is_possible(name):
    expect = KINDS[name].expect

    assert expect.commands.keys() <= VERBS
    assert min(expect.commands.values(), default=1) > 0
    assert expect.unrung < expect.commands.get("dial", 1)
    assert bool(expect.talks_to) or "bridge" not in expect.commands
    assert not expect.talks_to or expect.commands.keys() & {"bridge", "transfer"}


def test_every_rule_and_profile_of_the_example_is_played():
    rules = {kind.expect.rule for kind in KINDS.values()}
    profiles = {kind.request.profile for kind in KINDS.values() if kind.request}

    assert {rule.name for rule in PLAN.rules} | {DEFAULT_RULE} <= rules
    assert profiles == PLAN.outbound.keys()


def test_what_depends_on_the_hour_is_played_at_any_hour_too():
    at_any_hour = [
        kind.expect
        for kind in KINDS.values()
        if kind.call and not any(taken_otherwise(PLAN, kind, "1", at) for at in (OPEN, CLOSED))
    ]

    assert any(expect.recordings and expect.talks_to for expect in at_any_hour)
    assert any("transfer" in expect.commands and "record_start" in expect.commands for expect in at_any_hour)


CALL = '[[calls]]\nkind = "a kind"\nfrom = "+12025550142"\nto = "+13125550100"\n'
REQUEST = '[[requests]]\nkind = "a kind"\nprofile = "reminder"\nto = "+12025550171"\n'


def test_a_call_goes_to_the_stand_in_without_what_is_for_the_demo():
    text = f'{CALL}share = 3\nattestation = "C"\n[calls.expect]\ncommands = {{ reject = 1 }}\n'

    (kind,) = scenarios.parse("mine", text).kinds

    assert kind.call == {"from": "+12025550142", "to": "+13125550100", "attestation": "C"}
    assert (kind.name, kind.scenario, kind.share) == ("a kind", "mine", 3)
    assert (kind.expect, kind.request) == (Expected(commands={"reject": 1}), None)


def test_a_request_is_what_an_application_asks():
    (kind,) = scenarios.parse("mine", f'{REQUEST}variables = {{ name = "Ana" }}').kinds

    assert kind.request == placing.CallRequest("reminder", "+12025550171", {"name": "Ana"})
    assert kind.call == {}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('[[calls]]\nfrom = "+1"\nto = "+1"', "kind"),
        (f"{CALL}[calls.expect]\ncomands = {{}}", "comands"),
        (f"{REQUEST}too = 1", "too"),
        (f"{CALL}share = 'many'", "share"),
        ("[[call]]\n", "call"),
    ],
)
def test_a_file_that_cannot_be_used_says_which_key_is_wrong(text, names):
    with pytest.raises(msgspec.ValidationError, match=names):
        scenarios.parse("mine", text)
