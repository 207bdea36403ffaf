"""A call and the world around it: one event is told, we decide, and what we send brings new events about."""

from typing import Final, NamedTuple, TypeAlias

import msgspec

from shared.calls import Call
from shared.ids import Row
from tests.builders import CALL, PLAN_HASH
from tests.order.people import brought_about
from tests.order.script import Script, asked, label
from workers.logic.decide import decide
from workers.logic.decision import Decision, Outgoing
from workers.logic.happened import Happened, TimerFired

VERSION: Final = 1  # of every commit, so that the same state by another way is the same record
OUTCOME: Final = ": outcome"  # the end of its event's name

Events: TypeAlias = dict[str, Happened]  # by names that are the same in every order
Key: TypeAlias = bytes

_encode = msgspec.msgpack.Encoder().encode


class Seen(NamedTuple):
    """What has come of a call so far; `waiting` is on its way."""

    call: Call
    waiting: Events
    told: Events
    sent: tuple[str, ...]  # commands by label, files that were asked for, and outcomes that were told
    labels: dict[int, str]  # of each row
    waits: dict[str, float]  # how long each timer runs, in seconds; a turn comes at once

    @property
    def timers(self) -> Events:
        return {f"timer {name}": TimerFired(name, version, 0.0) for name, version in self.call.timers.items()}


def begin(script: Script) -> Seen:
    call = Call(CALL, plan=PLAN_HASH, connection="2900000000000000001")
    first = {f"first {number}": event for number, event in enumerate(script.first, 1)}
    return Seen(call, first, told={}, sent=(), labels={}, waits={})


def deliver(script: Script, seen: Seen, name: str, *, outcomes: bool) -> Seen:
    """Tell this event next; without `outcomes`, what Telnyx answers to a command is told at once."""
    event = seen.waiting[name] if name in seen.waiting else seen.timers[name]
    waiting = {other: waits for other, waits in seen.waiting.items() if other != name}
    told = seen.told if isinstance(event, TimerFired) else {**seen.told, name: event}
    seen = tell(script, seen._replace(waiting=waiting, told=told), event)
    answers = () if outcomes else (waits for waits in seen.waiting if waits.endswith(OUTCOME))
    return next((deliver(script, seen, answer, outcomes=False) for answer in answers), seen)


def tell(script: Script, seen: Seen, event: Happened) -> Seen:
    decision = decide(seen.call, event, script.plan, VERSION, script.around)
    assert decision.note, "every decision says what it is"
    waits = {f"timer {timer.name}": timer.delay_s for timer in decision.timers}
    seen = seen._replace(call=decision.call, waits=seen.waits | waits)
    for out in decision.outgoing:
        seen = _send(script, seen, out)
    return seen._replace(sent=(*seen.sent, *_asked_elsewhere(decision)))


def _send(script: Script, seen: Seen, out: Outgoing) -> Seen:
    nth = seen.sent.count(label(out))
    ask = asked(out, nth, _legs_before(seen, out))
    name = f"{ask.label} {nth + 1}" if nth else ask.label
    outcome, *events = brought_about(script, ask)
    brought = {f"{name}{OUTCOME}": outcome, **{f"{name}: {n}": event for n, event in enumerate(events, 1)}}
    return seen._replace(
        waiting=seen.waiting | brought,
        sent=(*seen.sent, ask.label),
        labels={**seen.labels, out.row: ask.label},
    )


def _legs_before(seen: Seen, out: Outgoing) -> int:
    """How many legs were made to the same number; a new try is for what made none."""
    sent = seen.call.sent
    others = {sent[Row(row)].purpose for row, other in seen.labels.items() if other == label(out)}
    return len(others - {sent[out.row].purpose})


def _asked_elsewhere(decision: Decision) -> list[str]:
    """What others than Telnyx are asked for: a file of the archive, and a hook that wants to know the outcome."""
    fetched = [f"fetch {decision.download.recording_id}"] if decision.download else []
    return [*fetched, *([f"tell {decision.told.call.outcome}"] if decision.told else [])]


def key_of(seen: Seen) -> Key:
    """Equal for states from which everything goes on alike."""
    fields = [_sorted(getattr(seen.call, field)) for field in seen.call.__struct_fields__]
    return _encode((fields, sorted(seen.waiting), sorted(seen.told), sorted(seen.sent)))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return sorted(value.items())
    return sorted(value) if isinstance(value, frozenset) else value
