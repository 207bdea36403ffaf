"""Calls a second and webhook to command of our pipeline: with more routing workers, and with more calls in Valkey.

Those calls are over and keep their records and timelines, as those of the last day and week do.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from bench.growth.one_call import OVER, copy, play
from bench.pipeline.contest import OURS, measure
from bench.side_by_side import Measure
from console import embedded

WORKERS: Final = (1, 2, 4)
CALLS: Final = (1_000, 10_000, 100_000)  # the last fill a gigabyte, which takes half a minute
SHARES: Final = (0.5,)  # of the peak


@contextmanager
def contestants(seconds: float, sizes: Sequence[int] = CALLS) -> Iterator[dict[str, Measure]]:
    """A context with a Valkey that syncs before it answers; Telnyx answers at once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = embedded.start(folder / "valkey")
        url = f"{server.connection_url}/0"
        run = partial(measure, redis_url=url, folder=folder, seconds=seconds, answers_in=0.0, shares=SHARES)
        try:
            over = play(url, OVER)
            yield {
                **{_workers(n): partial(run, OURS._replace(workers=OURS.workers * n)) for n in WORKERS},
                **{
                    f"{n:,} calls in Valkey": partial(run, OURS, prepare=partial(copy, stored=over, count=n))
                    for n in sizes
                },
            }
        finally:
            server.stop()


def _workers(n: int) -> str:
    return "1 worker" if n == 1 else f"{n} workers"
