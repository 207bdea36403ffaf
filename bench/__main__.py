"""`python -m bench`: every contest, or some by name; tables on the terminal, with `--json` figures in a file."""

import argparse
import sys
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from bench import machine
from bench.growth.contest import CALLS
from bench.growth.contest import contestants as growth
from bench.growth.memory import contestants as memory
from bench.ingress.contest import contestants as ingress
from bench.pipeline.contest import contestants as pipeline
from bench.side_by_side import Contest, Run, side_by_side, table
from bench.worker.contest import memory as in_flight
from bench.worker.contest import throughput

FULL_S: Final = 3.0  # of each load
QUICK_S: Final = 1.0


class Listed(NamedTuple):
    """`quick` stands in for the contest where the whole would take too long for `--quick`."""

    title: str
    contest: Contest
    rounds: int
    quick: Contest | None = None


CONTESTS: Final[dict[str, Listed]] = {
    "ingress": Listed("Events in, one server process on one core", ingress, 3),
    "noops": Listed(
        "Jobs that do nothing, one worker process on one core, 100 at once", lambda _: throughput("noop", 100), 2
    ),
    "fetches": Listed(
        "Jobs that wait 100 ms for an HTTP answer, one worker process, 200 at once",
        lambda _: throughput("fetch", 200),
        2,
    ),
    "in_flight": Listed(
        "Memory of a worker process, 200 jobs in flight that wait for an HTTP answer",
        lambda _: in_flight(200),
        1,
        lambda _: in_flight(200, 2),
    ),
    "pipeline": Listed(
        "Calls: a webhook, the command it causes, a hangup; all processes on all cores", pipeline, 2
    ),
    "growth": Listed(
        "The same with more workers, and with more calls in Valkey",
        growth,
        2,
        lambda seconds: growth(seconds, CALLS[:2]),
    ),
    "memory": Listed("Memory of Valkey", memory, 1),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("contests", nargs="*", metavar="NAME", help=f"of {', '.join(CONTESTS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    arguments = parser.parse_args()
    if unknown := set(arguments.contests) - CONTESTS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(CONTESTS)}")
    results = {}
    on = machine.described()
    for name in arguments.contests or CONTESTS:
        title, contest, rounds, quick = CONTESTS[name]
        if arguments.quick:
            contest, rounds = quick or contest, 1
        _say(f"\n{title}")
        with contest(QUICK_S if arguments.quick else FULL_S) as contestants:
            results[name] = side_by_side(contestants, rounds, _say)
        shown = "one round" if rounds == 1 else f"median (lowest to highest) of {rounds} rounds"
        print(f"\n{title}: {shown}\n")
        print(table(results[name]), f"\n\n{on}", flush=True)
    if arguments.json:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(Run(on, results))))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
