"""What the stand-in itself does not read in its scenario files: kinds of calls, and what must come of each."""

import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from shared.placing import CallRequest

FOLDER: Final = Path(__file__).parents[2] / "simulator" / "scenarios"


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What comes of a call of this kind."""

    rule: str = ""
    """The rule of the dialplan that takes it, or `[default]`: at another hour it cannot be played. Empty: any."""
    commands: dict[str, int] = {}
    """How often each verb takes effect; those that are not named never do."""
    unrung: int = 0
    """So many members of a ring group may be left out, and what is done to each: another one has the call."""
    talks_to: tuple[str, ...] = ()
    """Any one of these is who is connected at last; empty: nobody is."""
    first_wins: bool = False
    """And nobody had answered before, in so far as webhooks that overtake each other let one tell."""
    recordings: int = 0


class Kind(msgspec.Struct, frozen=True):
    """A kind of call: `call` is what the stand-in is asked for, `request` what Trunkline is; one of the two."""

    name: str
    scenario: str
    share: int
    expect: Expected
    call: dict[str, Any] = {}
    request: CallRequest | None = None


class Scenario(NamedTuple):
    """`callees`: the stand-in's people, as it takes them."""

    callees: dict[str, Any]
    kinds: tuple[Kind, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    callees: dict[str, Any] = {}
    calls: list[dict[str, Any]] = []
    requests: list[dict[str, Any]] = []


class _Played(msgspec.Struct, frozen=True):
    """What whoever plays a call or a request is told of it."""

    kind: str
    share: int = 1
    expect: Expected = Expected()


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read(name: str) -> Scenario:
    return parse(name, (FOLDER / f"{name}.toml").read_text())


def parse(name: str, text: str) -> Scenario:
    """Raises ValueError (msgspec's and tomllib's errors are ones) naming the key that is wrong."""
    told = msgspec.convert(tomllib.loads(text), _File)
    calls = [_kind(name, _split(table), request=False) for table in told.calls]
    requests = [_kind(name, _split(table), request=True) for table in told.requests]
    return Scenario(told.callees, (*calls, *requests))


def _split(table: dict[str, Any]) -> tuple[_Played, dict[str, Any]]:
    own = {key: value for key, value in table.items() if key in _Played.__struct_fields__}
    return msgspec.convert(own, _Played), {key: value for key, value in table.items() if key not in own}


def _kind(scenario: str, told: tuple[_Played, dict[str, Any]], *, request: bool) -> Kind:
    played, asked = told
    what: dict[str, Any] = {"request": msgspec.convert(asked, CallRequest)} if request else {"call": asked}
    return Kind(played.kind, scenario, played.share, played.expect, **what)
