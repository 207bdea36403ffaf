"""Files of figures, as runs leave them in build/: read again, several together."""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from bench.side_by_side import Results, Run

Contests = Mapping[str, Results]


def read(paths: Iterable[Path]) -> tuple[list[str], dict[str, Results]]:
    """The machine lines, and the contests of all files. Raises OSError, msgspec.MsgspecError."""
    runs = [msgspec.json.decode(path.read_bytes(), type=Run) for path in paths]
    contests = {name: results for run in runs for name, results in run.contests.items()}
    return list(dict.fromkeys(run.machine for run in runs)), contests


def read_arguments(description: str | None) -> tuple[list[str], dict[str, Results]]:
    """As `read`, of the files that the command line names."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="of figures, as build/bench.json")
    return read(parser.parse_args().files)
