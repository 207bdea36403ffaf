"""Whom an operator may ring by hand: never an emergency number, and within the limits of the dialplan."""

import pytest

from console.destinations import refuse_destinations
from shared.commands import Dial, Transfer
from shared.errors import BadInput, DialplanError
from shared.settings import Settings

PLAN = 'version = 1\ntimezone = "UTC"\n[default]\nthen = {{ do = "reject" }}\n{}'
LIMITS = '[limits]\nallow = ["+1*", "sip:*@sales.example.com"]'


@pytest.fixture
def rings(tmp_path):
    def ring(*to, limits=LIMITS, forced=False):
        (tmp_path / "plan.toml").write_text(PLAN.format(limits))
        settings = Settings(redis_url="", dialplan=tmp_path / "plan.toml")
        refuse_destinations(dial(to), settings, forced=forced)

    return ring


def dial(to):
    return Dial(connection_id="1", from_="+13125550300", to=to)


@pytest.mark.parametrize("number", ["911", "+1911", "+49112", "sip:911@sales.example.com", "SIP:112@example.com"])
def test_an_emergency_number_is_never_rung(rings, number):
    with pytest.raises(BadInput, match="emergency"):
        rings("+13125550123", number, forced=True)


def test_a_transfer_is_held_to_the_same(tmp_path):
    with pytest.raises(BadInput, match="emergency"):
        refuse_destinations(Transfer(to="+1911"), Settings(redis_url=""), forced=True)


@pytest.mark.parametrize("number", ["+4930123456", "sip:ana@elsewhere.example", "13125550123"])
def test_what_is_outside_the_limits_is_rung_only_when_it_is_forced(rings, number):
    rings(number, forced=True)

    with pytest.raises(BadInput, match="--force"):
        rings("+13125550123", number)


def test_what_is_within_the_limits_is_rung(rings):
    rings("+13125550123", "sip:ana@sales.example.com")


def test_a_dialplan_without_limits_holds_nothing_else_back(rings):
    rings("+4930123456", limits="")


def test_a_dialplan_that_is_named_must_be_there(tmp_path):
    with pytest.raises(DialplanError, match="nowhere"):
        refuse_destinations(
            dial("+13125550123"), Settings(redis_url="", dialplan=tmp_path / "nowhere.toml"), forced=False
        )


def test_without_one_named_there_need_not_be_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    refuse_destinations(dial("+4930123456"), Settings(redis_url=""), forced=False)
