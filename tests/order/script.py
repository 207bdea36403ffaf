"""A script: a dialplan, how everybody on the phone behaves, and what must be sent. Pure.

Each command is answered with what Telnyx would tell because of it. All times (Unix seconds) are constants, so that
the order of delivery changes nothing that is told.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from shared import commands
from shared.calls import Request
from shared.dialplan import Plan
from tests.builders import CALL, CLINIC, PLAN_HASH, initiated, plan
from workers.logic.decision import NOTHING_AROUND, Around, Outgoing
from workers.logic.happened import CallRequested, Happened

NUMBERS: Final = {
    "desk": "+13125550111",
    "annex": "+13125550112",
    "ann": "+13125550211",
    "bob": "+13125550212",
    "kim": "+13125550777",
}
NAMES: Final = {number: name for name, number in NUMBERS.items()}


class Asked(NamedTuple):
    """A command of ours as others see it: sent to `lane`, and about `leg`, which it may be about to make."""

    label: str  # "dial ann", "speak Hello.", "answer"
    verb: str
    leg: str
    lane: str
    row: int
    nth: int  # from 0, among equal ones


FarSide: TypeAlias = Callable[[Asked], Sequence[Happened]]


class Script(NamedTuple):
    """What `far_side` does is found by label or by verb; else everybody does the usual (people.py).

    `sends` is what is sent, neither more nor less, when causes are told before their effects; `races` are other
    outcomes, equally right, of things that no cause puts in order. `beside` may come on top when something is told
    too late.
    """

    plan: Plan
    sends: Sequence[str]
    far_side: Mapping[str, FarSide] = {}
    races: Sequence[Sequence[str]] = ()
    beside: Sequence[str] = ()
    first: Sequence[Happened] = (initiated(),)
    around: Around = NOTHING_AROUND
    main: str = "caller"

    def is_own(self, leg: str) -> bool:
        """Whether the call is about this leg, in any of its attempts."""
        return leg.partition(" ")[0] == self.main

    @property
    def wanted(self) -> list[Counter[str]]:
        """All that may be sent in the end when it is told in order."""
        return [Counter(sends) for sends in (self.sends, *self.races)]

    @property
    def most(self) -> list[Counter[str]]:
        """What may be sent in any order, and what else is needed."""
        return [sends + Counter(self.beside) for sends in self.wanted]


def inbound(then: str, *sends: str, more: str = "", **rest: object) -> Script:
    """A call comes in, and its rule is `then`; names stand for their numbers."""
    rule = f'[[rules]]\nname = "r"\nwhen = {{ to = "{CLINIC}" }}\nthen = {then}'
    return Script(plan(_numbered(rule), _numbered(more)), sends, **rest)  # type: ignore[arg-type]


def outbound(profile: str, *sends: str, more: str = "", **rest: object) -> Script:
    """We call kim, by this profile."""
    table = f'[limits]\nallow = ["+1*"]\n[outbound.call]\nfrom = "+13125550300"\n{profile}\n'
    requested = CallRequested(Request(CALL, "call", NUMBERS["kim"], {}, PLAN_HASH), 0.0)
    under = plan(more=_numbered(f"{more}\n{table}"))
    return Script(under, sends, first=(requested,), main="kim", **rest)  # type: ignore[arg-type]


def _numbered(toml: str) -> str:
    for name, number in NUMBERS.items():
        toml = toml.replace(f'"{name}"', f'"{number}"')
    return toml


def label(out: Outgoing) -> str:
    """A command in words: `dial ann`, `speak Hello.`, `answer recorded`."""
    detail = ""
    match out.command:
        case commands.Dial(to=str(to)) | commands.Transfer(to=str(to)):
            detail = NAMES[to]
        case commands.Bridge(call_control_id=str(other)):
            detail = _name(other.removeprefix("v3:"))
        case commands.Speak(payload=said):
            detail = said
        case commands.StartPlayback(audio_url=str(url)):
            detail = url.rpartition("/")[2]
        case commands.GatherUsingSpeak():
            detail = _name(out.lane)
        case commands.Hangup():
            detail = out.lane
    recorded = "recorded" if getattr(out.command, "record", None) == "record-from-answer" else ""
    return " ".join(filter(None, (out.verb, detail, recorded)))


def _name(leg: str) -> str:
    """Who is on the leg, whichever of several it is."""
    return leg.partition(" ")[0]


def asked(out: Outgoing, nth: int, legs: int) -> Asked:
    """`legs` is how many were made to its number before: each has a name of its own."""
    leg = out.lane
    match out.command:
        case commands.Dial(to=str(to)) | commands.Transfer(to=str(to)):
            leg = f"{NAMES[to]} {legs + 1}" if legs else NAMES[to]
        case commands.Bridge(call_control_id=str(other)):
            leg = other.removeprefix("v3:")
    return Asked(label(out), out.verb, leg, out.lane, out.row, nth)
