"""One step of a call's timeline, and which part of the way took longest; pure.

The spans of a step, in seconds: `received` from Telnyx's occurred_at to our receipt; `queued` from there, or from
when a timer was due, until a worker took it; `decided` from there to the decision; `sent` from a command's
decision to its first try; `answered` from there to what settled it. Where two clocks disagree, a span is 0.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from shared import queues

SPANS: Final = ("received", "queued", "decided", "sent", "answered")


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`at` is in Unix seconds; legs are numbered in the order in which they were told of."""

    kind: Literal["event", "hook", "command", "answer", "unreadable"]
    name: str
    at: float
    detail: str = ""
    leg: int | None = None
    spans: dict[str, float] = {}
    state: str = ""  # that the call has reached
    note: str = ""
    waits: dict[str, float] = {}  # timers that were set: seconds by name
    row: int | None = None  # of a command and of its answer, as is all below
    outcome: str = ""
    status: int | None = None
    code: str = ""
    tries: int | None = None


class Slowest(NamedTuple):
    step: Step
    span: str

    @property
    def seconds(self) -> float:
        return self.step.spans[self.span]


def slowest(steps: Sequence[Step]) -> Slowest | None:
    """The first of the longest spans."""
    spans = [Slowest(step, name) for step in steps for name in step.spans]
    return max(spans, key=lambda each: each.seconds, default=None)


def sentence(longest: Slowest) -> str:
    """What took so long."""
    step, seconds = longest.step, longest.seconds
    took = f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
    match longest.span:
        case "received":
            return f"Telnyx took {took} to deliver {step.name}"
        case "queued" if step.name.startswith(("timer ", "call.requested", "call.cancelled")):
            return f"{step.name} waited {took} in the queue"
        case "queued":
            return f"{queues.kind_of(step.name)} waited {took} in the queue ({step.name})"
        case "decided":
            return f"{step.name} took {took} to be decided about"
        case "sent":
            return f"{step.name} waited {took} to be sent"
        case _:
            tries = f", in {step.tries} tries" if (step.tries or 0) > 1 else ""
            return f"Telnyx took {took} over {step.name}{tries}"
