"""A call and its timeline for a person: who, which legs, what happened when, and what took longest; pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from console import table
from console.steps import SPANS, Slowest, Step, sentence, slowest
from console.summary import Summary, row
from console.timeline import Timeline
from shared.calls import Call

LEG_COLUMNS: Final = ("leg", "direction", "from", "to", "initiated", "answered", "bridged", "ended", "cause")
STEP_COLUMNS: Final = ("at", "what", "leg", *SPANS, "state", "note")
LEGEND: Final = (
    "at: seconds since the first event; received … answered: milliseconds that each part of the way took"
)


def page(told: Summary, call: Call | None, timeline: Timeline, show: Callable[[str], str]) -> str:
    """The page that `calls show` prints."""
    start = began(timeline, told.began)
    parts = [table.fields({name: value for name, value in row(told, show).items() if value is not None})]
    if call is not None:
        parts.append(table.rows([leg_row(leg, start) for leg in legs(call, timeline, show)], LEG_COLUMNS))
    if timeline.steps:
        parts += [
            LEGEND,
            table.rows([step_row(step, start) for step in timeline.steps], STEP_COLUMNS),
        ]
    else:
        parts.append("Nothing is left of its timeline.")
    longest = slowest(timeline.steps)
    if longest:
        parts.append(f"slowest: {sentence(longest)}")
    return "\n\n".join(parts)


def began(timeline: Timeline, otherwise: float) -> float:
    """When the first of its steps happened (Unix seconds), which a webhook that was late need not be."""
    return min((step.at for step in timeline.steps), default=otherwise)


def legs(call: Call, timeline: Timeline, show: Callable[[str], str]) -> list[dict[str, Any]]:
    """What is known of each leg. Times are Unix seconds by Telnyx's clock."""
    known = [
        {
            "leg": timeline.legs.get(leg_id),
            "id": leg_id,
            "direction": leg.direction,
            "from": show(leg.from_ or "") or None,
            "to": show(leg.to or "") or None,
            "initiated": leg.initiated_at,
            "answered": leg.answered_at,
            "bridged": leg.bridged_at,
            "ended": leg.ended.at if leg.ended else None,
            "cause": leg.ended.cause if leg.ended else None,
        }
        for leg_id, leg in call.legs.items()
    ]
    return sorted(known, key=lambda leg: (leg["leg"] is None, leg["leg"]))


def document(told: Mapping[str, Any], call: Call | None, timeline: Timeline, show: Callable[[str], str]) -> object:
    """The same as JSON has it; times are Unix seconds, spans are seconds."""
    longest = slowest(timeline.steps)
    return {
        "call": told,
        "legs": legs(call, timeline, show) if call else [],
        "steps": timeline.steps,
        "slowest": longest and _slowest(longest),
    }


def _slowest(longest: Slowest) -> dict[str, Any]:
    return {"step": longest.step.name, "span": longest.span, "s": longest.seconds, "told": sentence(longest)}


def leg_row(leg: Mapping[str, Any], began: float) -> dict[str, Any]:
    """A leg by `LEG_COLUMNS`; `began` (Unix seconds) is what its times are counted from."""
    times = {
        name: leg[name] and _after(leg[name], began) for name in ("initiated", "answered", "bridged", "ended")
    }
    return {**leg, **times}


def step_row(step: Step, began: float) -> dict[str, Any]:
    """A step by `STEP_COLUMNS`; `began` as above."""
    return {
        "at": _after(step.at, began),
        "what": _what(step),
        "leg": step.leg if step.leg is not None else "",
        **{span: _milliseconds(step.spans[span]) if span in step.spans else "" for span in SPANS},
        "state": step.state,
        "note": _note(step),
    }


def _after(at: float, began: float) -> str:
    return f"{at - began:+.3f}"


def _milliseconds(seconds: float) -> str:
    """To a tenth below ten."""
    milliseconds = seconds * 1000
    return f"{milliseconds:.1f}" if milliseconds < 9.95 else f"{milliseconds:.0f}"


def _what(step: Step) -> str:
    match step.kind:
        case "command":
            parts = [f"  > {step.row}", step.name, step.detail]
        case "hook":
            parts = ["  ? hook", step.name, step.detail]
        case "answer":
            parts = [f"  < {step.row}", step.name, _ended(step)]
        case _:
            parts = [step.name, step.detail]
    return " ".join(part for part in parts if part)


def _ended(step: Step) -> str:
    """How a command ended: `200` when it was taken at once."""
    outcome = step.outcome if step.outcome != "succeeded" or step.status is None else ""
    status = str(step.status or "")
    code = step.code if step.code != status else ""
    tries = f"in {step.tries} tries" if (step.tries or 0) > 1 else ""
    return " ".join(part for part in (outcome, status, code, tries) if part)


def _note(step: Step) -> str:
    waits: Sequence[str] = [f"{name!r} in {seconds:g} s" for name, seconds in step.waits.items()]
    return "; ".join(part for part in (step.note, f"timer {', '.join(waits)}" if waits else "") if part)
