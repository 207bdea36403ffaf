"""`python -m bench`: every contest, or one by name; tables on the terminal, with `--json` figures in a file."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from bench import machine
from bench.ingress.contest import contestants as ingress
from bench.pipeline.contest import contestants as pipeline
from bench.side_by_side import Results, side_by_side, table
from bench.worker.contest import contest as worker


class Size(NamedTuple):
    """How much is measured."""

    rounds: int
    seconds: float  # of each load


def _ingress(size: Size) -> Results:
    with ingress(size.seconds) as contestants:
        return side_by_side(contestants, size.rounds, _say)


def _noops(size: Size) -> Results:
    with worker("noop", 100) as contestants:
        return side_by_side(contestants, size.rounds, _say)


def _fetches(size: Size) -> Results:
    with worker("fetch", 200) as contestants:
        return side_by_side(contestants, size.rounds, _say)


def _pipeline(size: Size) -> Results:
    with pipeline(size.seconds) as contestants:
        return side_by_side(contestants, max(1, size.rounds - 2), _say)


CONTESTS: Final[dict[str, tuple[str, Callable[[Size], Results]]]] = {
    "ingress": ("Events in, one server process on one core", _ingress),
    "noops": ("Jobs that do nothing, one worker process on one core, 100 at once", _noops),
    "pipeline": ("Calls: a webhook, the command it causes, a hangup; all processes on all cores", _pipeline),
    "fetches": ("Jobs that wait 100 ms for an HTTP answer, one worker process, 200 at once", _fetches),
}
FULL: Final = Size(rounds=5, seconds=5.0)
QUICK: Final = Size(rounds=1, seconds=2.0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("contests", nargs="*", metavar="NAME", help=f"of {', '.join(CONTESTS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    arguments = parser.parse_args()
    if unknown := set(arguments.contests) - CONTESTS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(CONTESTS)}")
    told = {}
    on = machine.described()
    for name in arguments.contests or CONTESTS:
        title, run = CONTESTS[name]
        _say(f"\n{title}")
        results = run(QUICK if arguments.quick else FULL)
        told[name] = results
        print(f"\n{title}: median (lowest to highest) of {(QUICK if arguments.quick else FULL).rounds}\n")
        print(table(results, ""), f"\n\n{on}", flush=True)
    if arguments.json:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode({"machine": on, "contests": told})))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
