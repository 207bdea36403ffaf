"""Calls a second and webhook to command of our pipeline: with more routing workers, and with more calls in Valkey.

Those calls are over and keep their records and timelines, as those of the last day and week do.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from bench.growth.copies import copy
from bench.growth.one_call import OVER, play
from bench.pipeline.contest import OURS, measure
from bench.side_by_side import Measure
from bench.valkey import valkey

WORKERS: Final = (1, 2, 4)
CALLS: Final = (1_000, 10_000, 100_000)  # the last fill a gigabyte, which takes half a minute
SHARES: Final = (0.5,)  # of the peak


@contextmanager
def contestants(seconds: float, sizes: Sequence[int] = CALLS) -> Iterator[dict[str, Measure]]:
    """A context; all have the same Valkey, and Telnyx answers at once."""
    with valkey() as (url, folder):
        run = partial(measure, redis_url=url, folder=folder, seconds=seconds, answers_in=0.0, shares=SHARES)
        over = play(url, OVER)
        with_workers = {per_worker(n): partial(run, OURS._replace(workers=OURS.workers * n)) for n in WORKERS}
        with_calls = {in_valkey(n): partial(run, OURS, prepare=partial(copy, stored=over, count=n)) for n in sizes}
        yield with_workers | with_calls


def per_worker(n: int) -> str:
    return "1 worker" if n == 1 else f"{n} workers"


def in_valkey(calls: int) -> str:
    return f"{calls:,} calls in Valkey"
