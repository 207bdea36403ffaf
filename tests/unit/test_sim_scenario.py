"""Scenario files as the stand-in reads them."""

import msgspec
import pytest

from simulator.scenario import Callee, parse_scenario

CALL = '[[calls]]\nfrom = "+12025550142"\nto = "+13125550100"\n'


def test_a_scenario_maps_numbers_to_behaviour():
    scenario = parse_scenario('[callees."+1312"]\nas = "machine"\nbeep_after = 0.5')

    assert scenario.callees == {"+1312": Callee(as_="machine", beep_after=0.5)}


def test_a_call_of_a_scenario_has_its_time_and_people_of_its_own():
    (call,) = parse_scenario(f'{CALL}at = 2.5\ncallees."+1312" = {{ busy = true }}').calls

    assert (call.at, call.callees) == (2.5, {"+1312": Callee(busy=True)})


def test_what_is_for_whoever_plays_the_scenario_changes_nothing_here():
    told = '[calls.expect]\nanything = 1\n[[requests]]\nprofile = "reminder"\nto = "+12025550171"\n'

    scenario = parse_scenario(f'{CALL}kind = "a kind"\nshare = 8\n{told}')

    assert (len(scenario.calls), scenario.callees) == (1, {})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('[callees."+1312"]\nanwers_after = 1', "anwers_after"),
        (f"{CALL}hangs_up_at = 1", "hangs_up_at"),
        (f'{CALL}hangs_up_from = "tone"', "hangs_up_from"),
        (f'{CALL}attestation = "D"', "attestation"),
        ('[[calls]]\nfrom = "+1312"', "to"),
        ('[[call]]\nfrom = "+1312"', "call"),
    ],
)
def test_a_scenario_that_cannot_be_used_says_which_key_is_wrong(text, names):
    with pytest.raises(msgspec.ValidationError, match=names):
        parse_scenario(text)
