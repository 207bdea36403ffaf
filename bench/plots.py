"""Pictures of runs' figures: `python -m bench.plots build/bench.json build/recovery.json` -> docs/images/*.svg.

A bar is a median, its line the lowest and the highest. The same figures give the same bytes. Readable on light and
dark pages alike: no background, and greys that stand out from both.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib import pyplot as plt

from bench.files import Contests, read_arguments
from bench.growth.contest import CALLS, WORKERS, in_valkey, per_worker
from bench.pipeline.contest import SHARES
from bench.side_by_side import Results, Spread, short

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
OURS: Final = "#3b82c4"
THEIRS: Final = "#8a8f98"
TEXT: Final = "#7d828a"
LOOK: Final = {
    "svg.hashsalt": "trunkline",
    "svg.fonttype": "none",  # letters, not outlines: a tenth of the size
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": TEXT,
    "axes.labelcolor": TEXT,
    "axes.edgecolor": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
}
BAR_INCHES: Final = 0.25  # height of a picture for each bar
GROWTH: Final = (*map(per_worker, WORKERS), *map(in_valkey, CALLS))
Bars = Mapping[str, Spread]


def ingress(contests: Contests) -> None:
    results = contests["ingress"]
    with _picture("ingress", 2, len(results)) as (left, right):
        _bars(left, _figure(results, "events/s"), "events/s")
        _bars(right, _figure(results, "CPU µs per event"), "CPU µs per event")
        right.set_yticklabels([])


def workers(contests: Contests) -> None:
    known = [(contests[name], job) for name, job in (("noops", "0 ms"), ("fetches", "100 ms")) if name in contests]
    if not known:
        raise KeyError("noops")
    with _picture("workers", len(known), max(len(results) for results, _ in known)) as axes:
        for n, (results, job) in enumerate(known):
            _bars(axes[n], _figure(results, "jobs/s"), f"jobs/s of {job}", log=True)
            if n:
                axes[n].set_yticklabels([])


def pipeline(contests: Contests) -> None:
    results = contests["pipeline"]
    with _picture("pipeline", len(SHARES), len(results)) as axes:
        for n, share in enumerate(SHARES):
            label = f"p50 ms at {share:.0%}"
            _bars(axes[n], _figure(results, label), f"{label} of the peak", log=True)
            if n:
                axes[n].set_yticklabels([])


def growth(contests: Contests) -> None:
    results = contests["growth"]
    known = {name: results[name] for name in GROWTH if name in results}
    with _picture("growth", 2, len(known)) as (left, right):
        _bars(left, _figure(known, "calls/s"), "calls/s")
        _bars(right, _figure(known, "p50 ms at 50%"), "p50 ms at 50% of the peak")
        right.set_yticklabels([])


def recovery(contests: Contests) -> None:
    results = contests["recovery"]
    with _picture("recovery", 1, len(results)) as (axes,):
        _bars(axes, _figure(results, "s until it runs again"), "s from SIGKILL until the job runs again")


PICTURES: Final[Mapping[str, Callable[[Contests], None]]] = {
    "ingress": ingress,
    "workers": workers,
    "pipeline": pipeline,
    "growth": growth,
    "recovery": recovery,
}


def _figure(results: Results, figure: str) -> Bars:
    return {name: one[figure] for name, one in results.items() if figure in one}


def _bars(axes: Any, bars: Bars, label: str, log: bool = False) -> None:
    medians = [one.median for one in bars.values()]
    spreads = [[one.median - one.low for one in bars.values()], [one.high - one.median for one in bars.values()]]
    colours = [OURS if name.startswith("Trunkline") or name in GROWTH else THEIRS for name in bars]
    axes.barh(
        range(len(bars)), medians, 0.6, xerr=spreads, color=colours, error_kw={"ecolor": TEXT, "elinewidth": 1}
    )
    axes.set_yticks(range(len(bars)), list(bars))
    axes.invert_yaxis()
    axes.set_xlabel(label)
    if log:
        axes.set_xscale("log")
        axes.minorticks_off()
    else:
        axes.locator_params(axis="x", nbins=4)
    for n, one in enumerate(bars.values()):
        axes.annotate(short(one.median), (one.high, n), (4, 0), textcoords="offset points", va="center")
    axes.margins(x=0.3)
    axes.set_xlim(left=1 if log else 0)


@contextmanager
def _picture(name: str, columns: int, bars: int) -> Iterator[Sequence[Any]]:
    """A context: the axes to draw on, one a column; the file is written at its end."""
    size = (3.2 + 2.6 * columns, 0.7 + BAR_INCHES * bars)
    figure, axes = plt.subplots(1, columns, figsize=size, squeeze=False, layout="constrained")
    try:
        yield axes[0]
        figure.savefig(IMAGES / f"{name}.svg", transparent=True, metadata={"Date": None, "Creator": None})
    finally:
        plt.close(figure)


def main() -> int:
    _, contests = read_arguments(__doc__)
    IMAGES.mkdir(parents=True, exist_ok=True)
    mpl.use("svg")
    with mpl.rc_context(LOOK):
        for name, draw in PICTURES.items():
            try:
                draw(contests)
            except KeyError:
                print(f"{name}: not measured", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
