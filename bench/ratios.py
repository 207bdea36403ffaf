"""How ours compares, from the figures of runs: a small table for a front page, and what was aimed at.

`python -m bench.ratios build/bench.json build/recovery.json`. What was not measured is left out.
"""

import sys
from collections.abc import Callable
from typing import Final, NamedTuple

from bench.files import Contests, read_arguments
from bench.ingress.contest import FLASK, TRUNKLINE, VERIFIES
from bench.pipeline.contest import OURS_AT_ONCE, PLAIN_AT_ONCE
from bench.side_by_side import Results, ratio, short
from bench.worker.contestants import ENGINE, SIMPLE_WORKER


class Target(NamedTuple):
    """`wanted` is the least that was aimed at, or with `at_most` the most, in `unit`."""

    title: str
    wanted: float
    unit: str
    reached: Callable[[Contests], float]
    at_most: bool = False

    def holds(self, value: float) -> bool:
        return value <= self.wanted if self.at_most else value >= self.wanted


def median(contests: Contests, contest: str, name: str, figure: str) -> float:
    """Raises KeyError when it was not measured."""
    return contests[contest][name][figure].median


def fastest_peer(results: Results, figure: str, ours: str) -> str:
    """Whose median is the highest beside ours. Raises KeyError when there is nobody."""
    peers = {name: one[figure].median for name, one in results.items() if name != ours and figure in one}
    if not peers:
        raise KeyError(figure)
    return max(peers, key=lambda name: peers[name])


def times(contest: str, figure: str, ours: str, other: str | None) -> Callable[[Contests], float]:
    """How many times ours is the other's; without one, the fastest peer's."""

    def reached(contests: Contests) -> float:
        beside = other or fastest_peer(contests[contest], figure, ours)
        return ratio(contests[contest], figure, ours, beside)

    return reached


def measured(contest: str, name: str, figure: str) -> Callable[[Contests], float]:
    return lambda contests: median(contests, contest, name, figure)


TARGETS: Final = (
    Target("events/s beside Flask and gthread", 10, "times", times("ingress", "events/s", TRUNKLINE, FLASK)),
    Target(
        "CPU per event beside a server that only verifies",
        1.3,
        "times",
        times("ingress", "CPU µs per event", TRUNKLINE, VERIFIES),
        at_most=True,
    ),
    Target(
        "jobs of 0 ms/s beside RQ's SimpleWorker", 20, "times", times("noops", "jobs/s", ENGINE, SIMPLE_WORKER)
    ),
    Target("jobs of 0 ms/s beside the fastest peer", 1.3, "times", times("noops", "jobs/s", ENGINE, None)),
    Target(
        "jobs of 100 ms/s beside RQ's SimpleWorker",
        100,
        "times",
        times("fetches", "jobs/s", ENGINE, SIMPLE_WORKER),
    ),
    Target("jobs of 100 ms/s beside the fastest peer", 1.5, "times", times("fetches", "jobs/s", ENGINE, None)),
    Target(
        "webhook to command at half the peak, p50",
        8,
        "ms",
        measured("pipeline", OURS_AT_ONCE, "p50 ms at 50%"),
        at_most=True,
    ),
    Target(
        "webhook to command at half the peak, p99",
        40,
        "ms",
        measured("pipeline", OURS_AT_ONCE, "p99 ms at 50%"),
        at_most=True,
    ),
    Target(
        "memory of a job in flight", 40, "KB", measured("in_flight", ENGINE, "KB per job in flight"), at_most=True
    ),
    Target("a killed worker's job runs again, p99", 5, "s", measured("recovery", ENGINE, "p99 s"), at_most=True),
)


class Comparison(NamedTuple):
    """A row of the front page; without `other` the fastest peer stands beside ours."""

    title: str
    contest: str
    figure: str
    ours: str
    other: str | None


FRONT: Final = (
    Comparison("events/s into one process", "ingress", "events/s", TRUNKLINE, FLASK),
    Comparison("CPU µs per event", "ingress", "CPU µs per event", TRUNKLINE, FLASK),
    Comparison("jobs/s that do nothing", "noops", "jobs/s", ENGINE, SIMPLE_WORKER),
    Comparison("jobs/s that do nothing", "noops", "jobs/s", ENGINE, None),
    Comparison("jobs/s that wait 100 ms", "fetches", "jobs/s", ENGINE, SIMPLE_WORKER),
    Comparison("jobs/s that wait 100 ms", "fetches", "jobs/s", ENGINE, None),
    Comparison("calls/s of a whole fleet", "pipeline", "calls/s", OURS_AT_ONCE, PLAIN_AT_ONCE),
    Comparison(
        "ms from webhook to command, p50, each at half of its own peak",
        "pipeline",
        "p50 ms at 50%",
        OURS_AT_ONCE,
        PLAIN_AT_ONCE,
    ),
)


def front(contests: Contests) -> str:
    """As Markdown: a row a comparison."""
    rows = []
    for title, contest, figure, ours, other in FRONT:
        try:
            beside = other or fastest_peer(contests[contest], figure, ours)
            mine, theirs = (median(contests, contest, name, figure) for name in (ours, beside))
        except KeyError:
            continue
        rows.append((title, short(mine), short(theirs), beside, f"{short(mine / theirs)} times"))
    return _markdown(("", "Trunkline", "beside", "which is", "ratio"), rows)


def targets(contests: Contests) -> str:
    """As Markdown: what was aimed at and what was reached."""
    rows = []
    for target in TARGETS:
        try:
            value = target.reached(contests)
        except KeyError:
            continue
        wanted = f"{'at most' if target.at_most else 'at least'} {target.wanted:g} {target.unit}"
        rows.append(
            (target.title, wanted, f"{short(value)} {target.unit}", "yes" if target.holds(value) else "no")
        )
    return _markdown(("", "aim", "measured", "reached"), rows)


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def main() -> int:
    machines, contests = read_arguments(__doc__)
    print(front(contests), targets(contests), *machines, sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
