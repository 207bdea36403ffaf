"""Every order in which a script's events can be told, as a graph whose equal states are visited once.

An event can be told from when its cause was sent, whatever else is on its way. Each path from the start to an end
is one order.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tests.order.rules import Rule
from tests.order.script import Script
from tests.order.world import Key, Seen, begin, deliver, key_of


class Delivery(NamedTuple):
    """An edge of the graph: this event is told next, and this is sent because of it."""

    event: str
    to: Key
    sent: tuple[str, ...]


class Orders:
    """All orders of a script that keep a rule; `outcomes`: what Telnyx answers may be late as everything else."""

    def __init__(self, script: Script, rule: Rule, *, outcomes: bool = False) -> None:
        start = begin(script)
        self.script = script
        self.start = key_of(start)
        self.states = {self.start: start}
        self.deliveries: dict[Key, list[Delivery]] = {}
        unexplored = [self.start]
        while unexplored:
            key = unexplored.pop()
            seen = self.states[key]
            self.deliveries[key] = []
            for event in rule(script, seen):
                new = deliver(script, seen, event, outcomes=outcomes)
                to = key_of(new)
                self.deliveries[key].append(Delivery(event, to, new.sent[len(seen.sent) :]))
                if to not in self.states:
                    self.states[to] = new
                    unexplored.append(to)

    def steps(self) -> Iterator[tuple[Seen, Seen, tuple[str, ...]]]:
        """Every state, one that follows it, and what is sent between the two."""
        for key, deliveries in self.deliveries.items():
            for delivery in deliveries:
                yield self.states[key], self.states[delivery.to], delivery.sent

    def ends(self, rule: Rule | None = None) -> Iterator[Seen]:
        """The states where nothing more comes; with a rule, those that the orders reach that keep it as well."""
        unexplored, known = [self.start], {self.start}
        while unexplored:
            key = unexplored.pop()
            seen = self.states[key]
            if not self.deliveries[key]:
                yield seen
            may = rule and {*rule(self.script, seen)}
            onward = {step.to for step in self.deliveries[key] if may is None or step.event in may} - known
            known |= onward
            unexplored += onward

    @property
    def count(self) -> int:
        """How many orders there are."""
        paths: dict[Key, int] = {}
        stack = [self.start]
        while stack:
            onward = [step.to for step in self.deliveries[stack[-1]]]
            if uncounted := [to for to in onward if to not in paths]:
                stack += uncounted
            else:
                paths[stack.pop()] = sum(paths[to] for to in onward) or 1
        return paths[self.start]
