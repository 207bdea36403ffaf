"""`trunkline dialplan check`: the dialplan, looked at before it goes live."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from shared import dialplan, hooks
from shared.errors import DialplanError
from shared.settings import Settings


class Checked(msgspec.Struct, frozen=True):
    """A dialplan that may run."""

    file: str
    hash: str
    rules: int
    profiles: int
    warnings: list[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", help="default: DIALPLAN, or dialplan.toml")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 for a good file, 1 with warnings; a wrong one raises DialplanError, or with --json is told and gives 2."""
    path = Path(arguments.file) if arguments.file else Settings.for_console(env).dialplan
    if not arguments.json:
        return tell(checked(path))
    try:
        found = checked(path)
    except DialplanError as reason:
        print(msgspec.json.encode({"error": str(reason)}).decode())
        return 2
    print(msgspec.json.encode(found).decode())
    return 1 if found.warnings else 0


def checked(path: Path) -> Checked:
    """Raises DialplanError, also for a hook that cannot be loaded."""
    loaded = dialplan.load(path)
    plan = loaded.plan
    named = list(dialplan.hook_names(plan))
    faults = hooks.load((name for _, name in named), path.parent).faults
    for place, name in named:
        if name in faults:
            fault = dialplan.Fault(place, faults[name])
            raise DialplanError(dialplan.describe_fault(fault, msgspec.to_builtins(plan), loaded.text, str(path)))
    return Checked(str(path), loaded.hash, len(plan.rules), len(plan.outbound), dialplan.warnings(plan))


def tell(found: Checked) -> int:
    """Warnings on stderr; 1 where there are any."""
    for warning in found.warnings:
        print(f"{found.file}: warning: {warning}", file=sys.stderr)
    print(f"{found.file}: {found.rules} rules, {found.profiles} outbound profiles, hash {found.hash}")
    return 1 if found.warnings else 0
