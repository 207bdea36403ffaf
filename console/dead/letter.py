"""A dead letter, how its call stands, and what a replay of it would do; pure."""

from typing import Literal, NamedTuple

import msgspec

from console.dead.job import Trail, Work
from shared import calls
from shared.calls import TOMBSTONE_S, Call
from shared.errors import TooNew
from shared.queues import Kind


class Place(NamedTuple):
    """Where a letter lies: in the registry of a kind, or, without one, in the list of what was broken."""

    id: str
    kind: Kind | None
    parked_at: float  # Unix seconds
    line: bytes = b""


Standing = Literal["live", "over", "forgotten", "new", "unreadable"]


class Found(NamedTuple):
    """The call that a job is about. `new`: none is known, the job would begin it. `unreadable`: not by us."""

    call: str
    standing: Standing


class Letter(NamedTuple):
    """`work` is None where there is no job to run: its hash was broken, or is gone."""

    place: Place
    reason: str
    work: Work | None = None
    found: Found | None = None  # None where no call has to be there
    tries: int = 0
    lost_leases: int = 0
    data: bytes = b""

    @property
    def is_broken(self) -> bool:
        return self.work is None

    @property
    def is_stale(self) -> bool:
        """Its call is over: what it would do then is at best nothing."""
        return self.found is not None and self.found.standing in {"over", "forgotten"}

    @property
    def call(self) -> str:
        return self.found.call if self.found else self.work.call if self.work else ""


def found(work: Work, trail: Trail, call: str, record: bytes, has_timeline: bool, now: float) -> Found:
    """How the call of a job stands, from what is left of it. `now` is in Unix seconds."""
    if record:
        return Found(call, _standing(record))
    # A record is forgotten a day after its call's end, and may leave a timeline. For a job older than that no call
    # can be waiting any more, even if none was ever seen.
    was_there = has_timeline or trail.tagged != "" or now - work.received_at > TOMBSTONE_S
    return Found(call, "forgotten" if was_there else "new")


def _standing(record: bytes) -> Standing:
    try:
        return "over" if _is_over(calls.decode(record)) else "live"
    except (TooNew, msgspec.DecodeError):
        return "unreadable"


def _is_over(call: Call) -> bool:
    """Also a call that we never saw begin, as its first event lies here, and whose legs have all ended."""
    never_began = call.main is None and call.request is None and bool(call.legs)
    return call.over or (never_began and all(leg.ended for leg in call.legs.values()))


def outlook(letter: Letter) -> str:
    """What a replay of it would do, in a sentence."""
    work = letter.work
    if work is None:
        return "nothing: what it was to do is lost with its hash"
    if work.trouble:
        return f"tries it again, though {work.trouble}"
    does = f"{work.does} call {letter.call}"
    if letter.is_stale:
        return f"nothing, as its call is over; with --include-stale it {does}"
    if letter.found and letter.found.standing == "new":
        return f"{does}, of which nothing is known yet"
    return does
