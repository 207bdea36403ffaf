"""Hooks: a function of the business chooses; whatever goes wrong with it, the call falls to the default."""

import asyncio
import sys
from datetime import UTC, datetime

import pytest

from shared import dialplan
from shared.dialplan import Action
from shared.dialplan.hooks import HookCall, HookFunction
from shared.timeline import HookEntry
from tests.builders import CALLER, CLINIC, Told, answered, initiated, plan
from workers.logic.decision import Around

RULE = f'[[rules]]\nname = "vip"\nwhen = {{ to = "{CLINIC}" }}\nthen = {{ do = "hook", call = "hooks:choose" }}'
ALLOW = '[limits]\nallow = ["+1312*"]\n[groups.sales]\nmembers = ["+13125550211"]'


def asked(function: HookFunction | None, rules: str = RULE) -> Told:
    hooks = {"hooks:choose": function} if function else {}
    return Told(plan(rules, ALLOW), Around(hooks=hooks)).tell(initiated(at=1_790_000_000.0))


def test_a_hook_chooses_the_action() -> None:
    told = asked(lambda _call, _now: dialplan.Transfer(to="+13125550298")).tell(answered())

    assert told.verbs == ["answer", "transfer"]
    assert "hook hooks:choose: transfer" in told.decisions[0].note
    chosen = dialplan.Transfer(to="+13125550298")
    assert [decision.hooks for decision in told.decisions] == [(HookEntry("hooks:choose", chosen),), ()]


def test_a_hook_sees_the_call_and_the_time() -> None:
    seen: list[tuple[HookCall, datetime]] = []

    def look(call: HookCall, now: datetime) -> Action:
        seen.append((call, now))
        return dialplan.Hangup()

    asked(look)

    call, now = seen[0]
    assert (call.direction, call.from_, call.to, call.rule) == ("incoming", CALLER, CLINIC, "vip")
    assert now == datetime.fromtimestamp(1_790_000_000, UTC)


def test_a_hook_is_asked_once_whatever_comes_later() -> None:
    asks: list[str] = []

    def count(call: HookCall, _now: datetime) -> Action:
        asks.append(call.call)
        return dialplan.Transfer(to="+13125550298")

    asked(count).tell(answered(), answered())

    assert len(asks) == 1


def fails(_call: HookCall, _now: datetime) -> Action:
    raise ZeroDivisionError


def leaves(_call: HookCall, _now: datetime) -> Action:
    sys.exit("no such customer")


def is_cancelled(_call: HookCall, _now: datetime) -> Action:
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (fails, "raised ZeroDivisionError"),
        (leaves, "raised SystemExit"),
        (is_cancelled, "raised CancelledError"),
        (lambda _call, _now: None, "returned no action"),
        (lambda _call, _now: dialplan.Hook("hooks:other"), "returned another hook"),
        (lambda _call, _now: dialplan.Transfer(to="+19995550100"), "returned what cannot be used"),
        (lambda _call, _now: dialplan.Transfer(to="+1911"), "returned what cannot be used"),
        (lambda _call, _now: dialplan.Ring(group="slaes"), "returned what cannot be used"),
        (lambda _call, _now: "hang up", "returned what cannot be used"),
        (None, "could not be loaded"),
    ],
)
def test_a_hook_that_fails_leaves_the_call_to_the_default_and_says_so(
    function: HookFunction | None, told: str
) -> None:
    call = asked(function)

    assert call.verbs == ["reject"]
    assert f"hook hooks:choose {told}" in call.decisions[0].note
    assert "going on to [default]" in call.decisions[0].note
    (answer,) = call.decisions[0].hooks
    assert (answer.action, answer.trouble.partition(" (")[0]) == (None, told)


def asks_another(call: HookCall, now: datetime) -> Action:
    return fails(call, now)


def test_of_an_exception_the_line_of_the_hook_is_told_and_not_its_text() -> None:
    (answer,) = asked(asks_another).decisions[0].hooks

    line = asks_another.__code__.co_firstlineno + 1
    assert answer.trouble == f"raised ZeroDivisionError (test_decide_hook.py:{line})"


def test_a_default_that_is_itself_a_failing_hook_hangs_up() -> None:
    under = dialplan.parse(
        'version = 1\ntimezone = "UTC"\n[default]\nthen = { do = "hook", call = "hooks:choose" }'
    )

    told = Told(under).tell(initiated())

    assert told.verbs == ["hangup caller"]
