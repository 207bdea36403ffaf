"""Rounds that alternate between the contestants, so that a noisy minute is noisy for all; medians and spread."""

import statistics
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import msgspec

Measure = Callable[[], Mapping[str, float]]
Contest = Callable[[float], AbstractContextManager[Mapping[str, Measure]]]  # of the seconds that a load lasts


class Spread(msgspec.Struct, frozen=True):
    """Of several rounds."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        if self.low == self.high:
            return short(self.median)
        return f"{short(self.median)} ({short(self.low)} to {short(self.high)})"


Results = dict[str, dict[str, Spread]]  # contestant -> figure -> spread


class Run(msgspec.Struct, frozen=True):
    """What a file of figures holds."""

    machine: str
    contests: dict[str, Results]


def side_by_side(contestants: Mapping[str, Measure], rounds: int, say: Callable[[str], Any]) -> Results:
    """Every contestant once a round; one that fails is said so, and left out."""
    seen: dict[str, list[Mapping[str, float]]] = {name: [] for name in contestants}
    for n in range(rounds):
        for name, measure in contestants.items():
            try:
                figures = measure()
            except (RuntimeError, OSError) as reason:
                say(f"{name}: failed: {reason}")
                continue
            say(f"round {n + 1} of {rounds}  {name}: {', '.join(f'{k} {short(v)}' for k, v in figures.items())}")
            seen[name].append(figures)
    return {
        name: {key: spread(one[key] for one in measured) for key in measured[0]}
        for name, measured in seen.items()
        if measured
    }


def spread(values: Iterable[float]) -> Spread:
    ordered = sorted(values)
    return Spread(statistics.median(ordered), ordered[0], ordered[-1])


def ratio(results: Results, figure: str, ours: str, other: str) -> float:
    """How many times ours is the other's, by their medians."""
    return results[ours][figure].median / results[other][figure].median


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(results: Results) -> str:
    """As Markdown: a row a contestant, a column a figure."""
    columns = list(dict.fromkeys(key for figures in results.values() for key in figures))
    rows = [
        f"| {name} | " + " | ".join(str(figures.get(key, "")) for key in columns) + " |"
        for name, figures in results.items()
    ]
    return "\n".join(["|  | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|", *rows])


def short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
