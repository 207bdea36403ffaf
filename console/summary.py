"""One call in a line: who called whom, under which rule, and how it stands or ended; pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from shared.calls import Call
from shared.ids import CallId
from shared.numbers import matches
from shared.timeline import state_of

COLUMNS: Final = ("began", "id", "direction", "from", "to", "rule", "state", "legs", "duration")


class Kept(NamedTuple):
    """A call in the index, from its first commit on (Unix seconds). A record that is gone, or too new, is None."""

    id: CallId
    began: float
    record: Call | None


class Summary(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Empty or None where it is not known. `rule` is the rule, or the profile of an outbound call.

    `state` is what the call is at; `outcome` how it ended, in words of the dialplan or as Telnyx's hangup_cause.
    """

    id: str
    began: float  # Unix seconds
    direction: str = ""
    from_: str = ""
    to: str = ""
    rule: str = ""
    state: str = ""
    outcome: str = ""
    legs: int = 0
    duration_s: float | None = None
    numbers: tuple[str, ...] = ()  # every party of every leg

    @property
    def is_over(self) -> bool:
        return self.state == "over"


def summary(kept: Kept, now: float) -> Summary:
    call = kept.record
    if call is None:
        return Summary(id=kept.id, began=kept.began)
    main = call.main_leg
    request = call.request
    return Summary(
        id=kept.id,
        began=kept.began,
        direction="outbound" if request else "inbound" if main else "",
        from_=(main and main.from_) or "",
        to=request.to if request else (main and main.to) or "",
        rule=request.profile if request else call.rule,
        state=state_of(call),
        outcome=_outcome(call),
        legs=len(call.legs),
        duration_s=_duration_s(call, kept.began, now),
        numbers=_numbers(call),
    )


def has_number(told: Summary, pattern: str) -> bool:
    """Whether a number, or one that a pattern with `*` stands for, is a party of the call."""
    return any(matches(pattern, number) for number in told.numbers)


def row(told: Summary, show: Callable[[str], str]) -> dict[str, Any]:
    """The call by `COLUMNS`; `show` masks a number, or does not."""
    return {
        "began": when(told.began),
        "id": told.id,
        "direction": told.direction or None,
        "from": show(told.from_) or None,
        "to": show(told.to) or None,
        "rule": told.rule or None,
        "state": (told.outcome if told.is_over else told.state) or told.state or None,
        "legs": told.legs,
        "duration": None if told.duration_s is None else f"{told.duration_s:.1f} s",
    }


def document(told: Summary, show: Callable[[str], str]) -> Mapping[str, Any]:
    """The call as JSON has it."""
    fields: dict[str, Any] = msgspec.to_builtins(told)
    del fields["numbers"]
    return fields | {"began": when(told.began), "from": show(told.from_), "to": show(told.to)}


def when(at: float) -> str:
    """Unix seconds as a time in UTC, to the second; empty where it is not known."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def _outcome(call: Call) -> str:
    ended = call.main_leg.ended if call.main_leg else None
    return call.outcome or (ended.cause if ended else "")


def _duration_s(call: Call, began: float, now: float) -> float | None:
    """From the first sign of the leg that the call is about to its end, or to now."""
    main = call.main_leg
    if main is None:
        return None
    ended = main.ended.at if main.ended else now
    return max(0.0, ended - (main.initiated_at or began)) if main.ended or call.step.at != "over" else None


def _numbers(call: Call) -> tuple[str, ...]:
    asked = (call.request.to,) if call.request else ()
    told = (number for leg in call.legs.values() for number in (leg.from_, leg.to) if number)
    return tuple(dict.fromkeys((*asked, *told)))
