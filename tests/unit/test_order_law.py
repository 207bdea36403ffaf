"""The law of order: what is delivered late, early or twice changes neither the final facts nor the commands.

A small pure world answers our commands with the events that Telnyx would send; every order in which they can be
delivered is tried. Only a hangup of a leg of ours whose caller has gone may come on top: it is always harmless.
"""

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import commands, events
from shared.calls import Call, Request
from tests.builders import (
    CALL,
    PLAN_HASH,
    Told,
    answered,
    bridged,
    hung_up,
    initiated,
    leg_initiated,
    plan,
    spoken,
    verdict,
)
from workers.logic.decision import Outgoing
from workers.logic.happened import CallRequested, Happened, Webhook

TAKEN = '[[rules]]\nname = "r"\nwhen = { to = "+13125550100" }\nthen = { do = "transfer", to = "+13125550111" }'
OVERFLOW = """
[[rules]]
name = "r"
when = { to = "+13125550100" }
then = { do = "transfer", to = "+13125550111", otherwise = { do = "say", text = "Sorry." } }
"""
RING = """
[groups.sales]
members = ["+13125550211", "+13125550212"]
[[rules]]
name = "r"
when = { to = "+13125550100" }
then = { do = "ring", group = "sales" }
"""
REMINDER = """
[limits]
allow = ["+1*"]
[outbound.reminder]
from = "+13125550300"
amd = { mode = "premium" }
human = { do = "say", text = "Hello." }
"""

World = Callable[[Outgoing], list[Happened]]


class Script(NamedTuple):
    """A plan, what happens first, and what each command brings about."""

    toml: str
    first: list[Happened]
    world: World
    expected: list[str]
    allowed: tuple[str, ...] = ()  # beside them, where the caller's hangup is learnt late


def taken(out: Outgoing) -> list[Happened]:
    """The transfer is taken, and the called party hangs up at last."""
    if out.verb == "answer":
        return [answered(at=1.0)]
    if out.verb == "transfer":
        b = [leg_initiated("b", out.row, 2.0), answered("b", 3.0, out.row), bridged("b", 4.0, out.row)]
        return [*b, bridged(at=4.0), hung_up("b", at=9.0, row=out.row), hung_up(at=9.0)]
    return []


def untaken(out: Outgoing) -> list[Happened]:
    """Nobody takes the transfer, so the caller is told, and is hung up."""
    match out.verb:
        case "answer":
            return [answered(at=1.0)]
        case "transfer":
            return [leg_initiated("b", out.row, 2.0), hung_up("b", "timeout", 8.0, out.row)]
        case "speak":
            return [spoken(at=9.0)]
        case "hangup":
            return [hung_up(at=10.0)]
    return []


def one_of_two(out: Outgoing) -> list[Happened]:
    """The first member takes it; the other one is hung up by us."""
    if out.verb == "answer":
        return [answered(at=1.0)]
    if isinstance(out.command, commands.Dial):
        leg = f"m{out.command.to[-1]}"
        begun: list[Happened] = [leg_initiated(leg, out.row, 2.0)]
        return [*begun, answered(leg, 3.0, out.row)] if leg == "m1" else begun
    if out.verb == "bridge":
        return [bridged(at=4.0), bridged("m1", at=4.0), hung_up("m1", at=9.0), hung_up(at=9.0)]
    if out.verb == "hangup":
        return [hung_up(out.lane, at=5.0)]
    return []


def left_early(out: Outgoing) -> list[Happened]:
    return [answered(at=0.5)] if out.verb == "answer" else []


def detected(result: str) -> World:
    def world(out: Outgoing) -> list[Happened]:
        match out.verb:
            case "dial":
                legs = [leg_initiated("called", out.row, 1.0), answered("called", 2.0, out.row)]
                return [*legs, verdict(result, at=3.0)]
            case "speak":
                return [spoken("called", at=4.0)]
            case "hangup":
                return [hung_up("called", at=5.0)]
        return []

    return world


REQUESTED = CallRequested(Request(CALL, "reminder", "+13125550777", {}, PLAN_HASH), 0.0)
SCRIPTS = {
    "transfer": Script(TAKEN, [initiated()], taken, ["answer", "transfer"]),
    "overflow": Script(OVERFLOW, [initiated()], untaken, ["answer", "transfer", "speak", "hangup caller"]),
    "ring group": Script(RING, [initiated()], one_of_two, ["answer", "dial", "dial", "bridge", "hangup m2"]),
    "early hangup": Script(TAKEN, [initiated(), hung_up(at=0.4)], left_early, ["answer"], ("transfer",)),
    "human": Script(REMINDER, [REQUESTED], detected("human_residence"), ["dial", "speak", "hangup called"]),
    "machine": Script(REMINDER, [REQUESTED], detected("machine"), ["dial", "hangup called"]),
    "silence": Script(REMINDER, [REQUESTED], detected("silence"), ["dial", "hangup called"]),
}


class Seen(NamedTuple):
    told: Told
    waiting: list[Happened]


def deliver(seen: Seen, number: int, script: Script) -> Seen:
    """One event arrives; what it makes us send brings new ones about."""
    told = Told(seen.told.plan)
    told.call, told.version = seen.told.call, seen.told.version
    told.decisions, told.applied = list(seen.told.decisions), set(seen.told.applied)
    told.tell(seen.waiting[number])
    brought = [event for out in told.decisions[-1].outgoing for event in script.world(out)]
    return Seen(told, [*seen.waiting[:number], *seen.waiting[number + 1 :], *brought])


def every_order(script: Script, hangup_last: bool = False) -> Iterator[Told]:
    """All orders in which this world's events can be delivered; equal states are followed once."""
    stack = [Seen(Told(plan(script.toml)), list(script.first))]
    known = set()
    while stack:
        seen = stack.pop()
        state = (_canonical(seen.told.call), tuple(sorted(_canonical(event) for event in seen.waiting)))
        if state in known:
            continue
        known.add(state)
        if not seen.waiting:
            yield seen.told
        early = [n for n, event in enumerate(seen.waiting) if not _ends_the_call(event)]
        stack += [deliver(seen, n, script) for n in (early if hangup_last and early else range(len(seen.waiting)))]


def _ends_the_call(event: Happened) -> bool:
    return (
        isinstance(event, Webhook)
        and isinstance(event.payload, events.CallHungUp)
        and event.ids.call_leg_id in {"caller", "called"}
    )


def _canonical(value: msgspec.Struct) -> str:
    """Equal for equal states, whatever ids their events had and at which version a timer was set."""
    if isinstance(value, Webhook):
        value = msgspec.structs.replace(value, id="")
    if isinstance(value, Call):
        value = msgspec.structs.replace(value, timers=dict.fromkeys(value.timers, 0))
    return json.dumps(msgspec.to_builtins(value), sort_keys=True, default=sorted)


def is_cleanup(told: Told, out: Outgoing) -> bool:
    """The hangup of a leg that we made, after the leg that the plan is about had ended."""
    return out.verb == "hangup" and told.call.sent[out.row].purpose.startswith("leftover")


def facts(told: Told) -> object:
    """What is known of the legs in the end; rows are numbered in the order of what was sent."""
    return {leg_id: msgspec.structs.replace(leg, row=None) for leg_id, leg in sorted(told.call.legs.items())}


def commands_of(told: Told) -> list[str]:
    return [verb for verb, out in zip(told.verbs, told.sent, strict=True) if not is_cleanup(told, out)]


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_order_sends_anything_that_the_plan_does_not_ask_for(name):
    script = SCRIPTS[name]
    wanted = {*(verb for verb in script.expected if not verb.startswith("hangup m")), *script.allowed}

    for told in every_order(script):
        sent = commands_of(told)
        assert len(sent) == len(set(sent)) or sent.count("dial") == script.expected.count("dial")
        assert set(sent) <= wanted
        assert told.call.step.at == "over"


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name != "early hangup"])
def test_any_order_with_the_hangup_last_sends_everything_and_ends_with_the_same_facts(name):
    script = SCRIPTS[name]

    ends = list(every_order(script, hangup_last=True))

    for told in ends:
        assert sorted(told.verbs) == sorted(script.expected)
    assert len({repr(facts(told)) for told in ends}) == 1


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_order_of_cause_and_effect_sends_exactly_what_is_expected(name):
    script = SCRIPTS[name]
    seen = Seen(Told(plan(script.toml)), list(script.first))

    while seen.waiting:
        earliest = min(range(len(seen.waiting)), key=lambda n: seen.waiting[n].at)
        seen = deliver(seen, earliest, script)

    assert seen.told.verbs == script.expected


@given(name=st.sampled_from(sorted(SCRIPTS)), data=st.data())
def test_copies_with_new_ids_and_any_order_never_send_a_command_twice(name, data):
    script = SCRIPTS[name]
    seen = Seen(Told(plan(script.toml)), list(script.first))

    for _ in range(40):
        if not seen.waiting:
            break
        number = data.draw(st.integers(0, len(seen.waiting) - 1))
        event = seen.waiting[number]
        if isinstance(event, Webhook) and data.draw(st.booleans()):
            copy = msgspec.structs.replace(event, id=f"{event.id}-copy")
            seen = seen._replace(waiting=[*seen.waiting, copy] if not event.id.endswith("-copy") else seen.waiting)
        seen = deliver(seen, number, script)

    purposes = [seen.told.call.sent[out.row].purpose for out in seen.told.sent]
    assert len(purposes) == len(set(purposes))
    assert [out.row for out in seen.told.sent] == sorted({out.row for out in seen.told.sent})
