"""A timeline as bars on one time axis, in lanes by leg; pure. The steps and their spans: `console.steps`.

Calls wait most of their time for people. A stretch in which nothing is under way is drawn as a gap of fixed width,
so that milliseconds beside minutes can be seen.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from console.steps import Step, slowest

GAP_S: Final = (
    0.25  # a wait that is at least this long, and longer than a tenth of all that is under way, is a gap
)
GAPS_SHARE: Final = 0.4  # of the width, for all gaps together
WIDEST_GAP: Final = 0.06


class Bar(NamedTuple):
    """A part of a step's way. `x` and `width` are in percent of the axis."""

    span: str
    x: float
    width: float


class Line(NamedTuple):
    """One step; without bars it is the instant `x`."""

    name: str
    x: float
    bars: tuple[Bar, ...]
    took_s: float
    is_slowest: bool


class Lane(NamedTuple):
    """`leg` is None for what is about the call and no leg of it."""

    leg: int | None
    lines: tuple[Line, ...]


class Gap(NamedTuple):
    x: float
    width: float
    seconds: float


class Picture(NamedTuple):
    """`seconds` is from the first step to the last."""

    lanes: tuple[Lane, ...]
    gaps: tuple[Gap, ...]
    seconds: float


class _Piece(NamedTuple):
    """A stretch of the axis, in Unix seconds and as a share of the width."""

    start: float
    end: float
    x: float
    width: float
    is_gap: bool


_Spans = list[tuple[str, float, float]]  # name, start, end: Unix seconds


def draw(steps: Sequence[Step]) -> Picture:
    """A command is drawn with its answer, as soon as that is there."""
    answered = {step.row for step in steps if step.kind == "answer"}
    drawn = [step for step in steps if not (step.kind == "command" and step.row in answered)]
    if not drawn:
        return Picture((), (), 0.0)
    spans = [_placed(step) for step in drawn]
    ends = [(start, end) for each in spans for _, start, end in each] + [(step.at, step.at) for step in drawn]
    axis = _axis(_merged(ends))
    longest = slowest(steps)
    lines = [
        (step.leg, _line(step, each, axis, longest is not None and step is longest.step))
        for step, each in zip(drawn, spans, strict=True)
    ]
    legs = sorted({leg for leg, _ in lines}, key=lambda leg: leg or 0)
    lanes = tuple(Lane(leg, tuple(line for its, line in lines if its == leg)) for leg in legs)
    gaps = tuple(Gap(p.x * 100, p.width * 100, p.end - p.start) for p in axis if p.is_gap)
    return Picture(lanes, gaps, axis[-1].end - axis[0].start)


def _placed(step: Step) -> _Spans:
    """When each part of a step's way was. `at` is the receipt of a webhook, a timer's start, a command's end."""
    known = step.spans
    if step.kind == "answer":
        start = step.at - known.get("answered", 0.0) - known.get("sent", 0.0)
    else:
        start = step.at - known.get("received", 0.0)
        if step.name.startswith("timer "):
            start -= known.get("queued", 0.0)
    placed: _Spans = []
    for name, seconds in known.items():
        placed.append((name, start, start + seconds))
        start += seconds
    return placed


def _merged(ends: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The stretches in which something is under way, in order, without overlaps."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(ends):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _axis(busy: Sequence[tuple[float, float]]) -> list[_Piece]:
    """The whole of the axis in pieces; those that are no gap are to scale with each other."""
    under_way = sum(end - start for start, end in busy)
    stretches: list[tuple[float, float, bool]] = []
    for (start, end), nxt in zip(busy, [*busy[1:], None], strict=True):
        stretches.append((start, end, False))
        if nxt is not None:
            stretches.append((end, nxt[0], nxt[0] - end >= max(GAP_S, under_way / 10)))
    gaps = sum(is_gap for _, _, is_gap in stretches)
    gap_width = min(WIDEST_GAP, GAPS_SHARE / gaps) if gaps else 0.0
    scaled = sum(end - start for start, end, is_gap in stretches if not is_gap) or 1.0
    pieces, x = [], 0.0
    for start, end, is_gap in stretches:
        width = gap_width if is_gap else (end - start) / scaled * (1 - gaps * gap_width)
        pieces.append(_Piece(start, end, x, width, is_gap))
        x += width
    return pieces


def _line(step: Step, spans: _Spans, axis: Sequence[_Piece], is_slowest: bool) -> Line:
    bars = tuple(
        Bar(name, _x(start, axis), max(0.0, _x(end, axis) - _x(start, axis))) for name, start, end in spans
    )
    mark = {"command": "> ", "answer": "> ", "hook": "? "}.get(step.kind, "")
    return Line(f"{mark}{step.name}", _x(step.at, axis), bars, sum(step.spans.values()), is_slowest)


def _x(at: float, axis: Sequence[_Piece]) -> float:
    """In percent."""
    for piece in axis:
        if at <= piece.end:
            length = piece.end - piece.start
            share = (at - piece.start) / length if length else 0.0
            return 100 * (piece.x + piece.width * max(0.0, share))
    return 100.0
