"""One page of the list of calls. Of a hundred thousand, a search reads no more than a window."""

import re
from typing import Final, NamedTuple

import msgspec
from redis.asyncio import Redis

from console import records, summary
from console.paging import TOP, Position
from console.summary import Summary
from shared import queues

PER_PAGE: Final = 50
WINDOW: Final = 2_000  # calls that are read for one page of a search: no index leads to a number, rule or outcome

_POSITION: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)-([0-9]{1,6})")


class Wanted(msgspec.Struct, frozen=True):
    """Empty is any. `state` is live (a leg is up), over or empty; `number` may be a pattern."""

    number: str = ""
    rule: str = ""
    outcome: str = ""
    state: str = ""

    @property
    def is_search(self) -> bool:
        return bool(self.number or self.rule or self.outcome or self.state == "over")

    def takes(self, told: Summary) -> bool:
        return not (
            (self.number and not summary.has_number(told, self.number))
            or (self.rule and told.rule != self.rule)
            or (self.outcome and told.outcome != self.outcome)
            or (self.state == "over" and not told.is_over)
        )


class Listing(NamedTuple):
    """`further` is where the next page begins, empty at the end; `searched` is how many calls were read."""

    calls: list[Summary]
    searched: int
    further: str


async def read(client: Redis, wanted: Wanted, after: str, now: float) -> Listing:
    """Raises redis.exceptions.RedisError."""
    index = queues.ALIVE if wanted.state == "live" else queues.CALLS
    calls: list[Summary] = []
    at, searched = _position(after), 0
    async for kept in records.newest(client, after=at, index=index):
        if len(calls) == PER_PAGE or searched == WINDOW:
            return Listing(calls, searched, f"{at.upto!r}-{at.done}")
        searched += 1
        at = Position(kept.began, at.done + 1 if kept.began == at.upto else 1)
        told = summary.summary(kept, now)
        if wanted.takes(told):
            calls.append(told)
    return Listing(calls, searched, "")


def _position(text: str) -> Position:
    """Where `text` says, or the beginning where it says nothing."""
    found = _POSITION.fullmatch(text)
    return Position(float(found[1]), int(found[2])) if found else TOP
