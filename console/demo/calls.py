"""Which calls the demo plays now, how many of each kind and when, and whether one of them came out right. Pure."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from console.demo.scenarios import Expected, Kind
from shared.dialplan import Plan
from workers.logic.routing_rules import Incoming, first_match

CALLS_PER_S: Final = 15.0  # about 20 dials a second, of the 28 that the whole fleet may make
DEFAULT_RULE: Final = "[default]"


class Placement(NamedTuple):
    """A call, `at_s` seconds from the beginning."""

    at_s: float
    kind: Kind


class Done(NamedTuple):
    """What came of a call: the commands that took effect by verb, who was connected, the recordings kept whole.

    `passed_over` had answered well before whoever was connected.
    """

    commands: Counter[str]
    talked_to: tuple[str, ...] = ()
    recordings: int = 0
    passed_over: tuple[str, ...] = ()


class _Header(msgspec.Struct, frozen=True):
    name: str
    value: str


class _Caller(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """What the rules may look at of a call that the stand-in is asked for."""

    from_: str
    to: str
    attestation: str = "A"
    tags: tuple[str, ...] = ()
    custom_headers: tuple[_Header, ...] = ()


def rule_of(plan: Plan, call: Mapping[str, object], connection: str, at: float) -> str:
    """The rule that takes a call which begins `at` (Unix seconds)."""
    caller = msgspec.convert(call, _Caller)
    facts = Incoming(
        to=caller.to,
        from_=caller.from_,
        connection=connection,
        at=at,
        attestation=None if caller.attestation == "none" else caller.attestation,
        tags=caller.tags,
        headers=tuple((header.name, header.value) for header in caller.custom_headers),
    )
    return first_match(plan, facts).rule or DEFAULT_RULE


def taken_otherwise(plan: Plan, kind: Kind, connection: str, at: float) -> str:
    """The rule that takes such a call at that time in place of the one it is for; empty: it is that one."""
    if not kind.expect.rule:
        return ""
    rule = rule_of(plan, kind.call, connection, at)
    return "" if rule == kind.expect.rule else rule


def mix(kinds: Iterable[Kind], calls: int) -> list[Placement]:
    """That many calls, every kind by its share, kinds taking turns; those of a small share are over first."""
    kinds = list(kinds)
    whole = sum(kind.share for kind in kinds)
    counts = [max(1, kind.share * calls // whole) for kind in kinds]
    for number in itertools.cycle(range(len(kinds))):
        if sum(counts) >= calls:
            break
        counts[number] += 1
    shares = list(zip(kinds, counts, strict=True))
    turns = [kind for turn in range(max(counts)) for kind, count in shares if count > turn]
    return [Placement(number / CALLS_PER_S, kind) for number, kind in enumerate(turns[:calls])]


def difference(expect: Expected, done: Done) -> str:
    """What came of a call beside what was expected, in words; empty where it is right."""
    unrung = expect.commands.get("dial", 0) - done.commands["dial"]
    left_out = Counter(dict.fromkeys(("dial", "gather_using_speak", "hangup"), unrung))
    fewer = left_out if 0 < unrung <= expect.unrung else Counter[str]()
    told = []
    if done.commands != Counter(expect.commands) - fewer:
        told.append(f"commands {_listed(done.commands)} instead of {_listed(expect.commands)}")
    if len(done.talked_to) != bool(expect.talks_to) or not set(done.talked_to) <= set(expect.talks_to):
        talked, wanted = " and ".join(done.talked_to), " or ".join(expect.talks_to)
        told.append(f"talked to {talked or 'nobody'} instead of {wanted or 'nobody'}")
    if expect.first_wins and done.passed_over:
        told.append(f"passed over {' and '.join(done.passed_over)}, who had answered before")
    if done.recordings != expect.recordings:
        told.append(f"{done.recordings} recordings instead of {expect.recordings}")
    return "; ".join(told)


def _listed(commands: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {verb}" for verb, count in sorted(commands.items())) or "none"
