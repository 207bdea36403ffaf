"""One page of the list of calls. Of a hundred thousand, a search reads no more than a window."""

import re
from typing import Final, NamedTuple

from redis.asyncio import Redis

from console import records, summary
from console.paging import TOP, Position
from console.summary import Summary
from console.wanted import Wanted
from shared import queues

PER_PAGE: Final = 50
WINDOW: Final = 2_000  # calls that are read for one page of a search: no index leads to a number, rule or outcome

_POSITION: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)-([0-9]{1,6})")


class Listing(NamedTuple):
    """`further` is where the next page begins, empty at the end; `searched` is how many calls were read."""

    calls: list[Summary]
    searched: int
    further: str


def is_search(wanted: Wanted) -> bool:
    """Whether calls have to be read to find them: an index leads to all, and to those that are live."""
    return bool(wanted.number or wanted.rule or wanted.outcome or wanted.state == "over")


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
