"""`python -m bench.recovery`: a table on the terminal; with `--json` figures in a file."""

import argparse
import sys
from pathlib import Path
from typing import Final

import msgspec

from bench import machine
from bench.recovery.contest import contestants, kills, surroundings
from bench.side_by_side import Run, table
from bench.worker.contestants import ENGINE

TITLE: Final = "A worker is killed: seconds until another one runs its job again"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.recovery", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 kills of ours and one of each peer; else 20 and 3")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    arguments = parser.parse_args()
    of_ours, of_peers = (3, 1) if arguments.quick else (20, 3)
    on, results = machine.described(), {}
    with surroundings() as (env, folder):
        for name, one in contestants().items():
            if figures := kills(name, one, of_ours if name == ENGINE else of_peers, env, folder, _say):
                results[name] = figures
    print(f"\n{TITLE}: median (lowest to highest)\n")
    print(table(results), f"\n\n{on}", flush=True)
    if arguments.json:
        run = Run(on, {"recovery": results})
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(run)))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
