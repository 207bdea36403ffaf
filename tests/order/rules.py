"""Rules of order: which of the events on their way may be told next."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from shared.events import CallHungUp
from tests.order.script import Script
from tests.order.world import Seen, begin, deliver
from workers.logic.happened import CallRequested, FoundEnded, Happened, Webhook

Rule: TypeAlias = Callable[[Script, Seen], Sequence[str]]


def at_any_time(_script: Script, seen: Seen) -> Sequence[str]:
    """No rule at all: a timer may fire although what it waits for is on its way."""
    return (*seen.waiting, *seen.timers)


def in_any_order(_script: Script, seen: Seen) -> Sequence[str]:
    """A timer fires when nothing else comes any more, the shortest first."""
    if seen.waiting or not seen.timers:
        return tuple(seen.waiting)
    return (min(seen.timers, key=lambda name: seen.waits.get(name, 0.0)),)


def with_its_own_end_last(script: Script, seen: Seen) -> Sequence[str]:
    """The end of the call's own leg is told when nothing else is on its way."""
    others = [name for name, event in seen.waiting.items() if not _ends_the_call(script, event)]
    return others or in_any_order(script, seen)


def with_causes_first(script: Script, seen: Seen) -> Sequence[str]:
    """What happened on one leg is told as it happened, and the call's own end after all that was before it."""
    names = in_any_order(script, seen)
    waiting = seen.waiting
    return [
        name
        for name in names
        if name not in waiting or not any(_is_before(script, one, waiting[name]) for one in waiting.values())
    ]


def _is_before(script: Script, one: Happened, other: Happened) -> bool:
    if not _leg_of(one) or not _leg_of(other) or one.at >= other.at:
        return False
    return _leg_of(one) == _leg_of(other) or _ends_the_call(script, other)


def _ends_the_call(script: Script, event: Happened) -> bool:
    is_end = isinstance(event, FoundEnded) or (
        isinstance(event, Webhook) and isinstance(event.payload, CallHungUp)
    )
    return is_end and script.is_own(_leg_of(event))


def _leg_of(event: Happened) -> str:
    """The leg that an event speaks of; empty for what is no news of a leg."""
    match event:
        case Webhook(ids=ids):
            return ids.call_leg_id or ""
        case FoundEnded(leg=leg):
            return leg
    return ""


def path(script: Script) -> Iterator[Seen]:
    """One way from the start to an end, in the order of cause and effect."""
    seen = begin(script)
    yield seen
    while names := with_causes_first(script, seen):
        seen = deliver(script, seen, names[0], outcomes=True)
        yield seen


def history(script: Script) -> list[Happened]:
    """What was requested and every webhook, in the order of cause and effect."""
    *_, end = path(script)
    return [event for event in end.told.values() if isinstance(event, Webhook | CallRequested)]
