"""The dialplan, looked at before it goes live."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from shared import dialplan
from shared.settings import Settings


def check(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 for a good file, 1 with warnings; a wrong one raises DialplanError."""
    path = Path(arguments.file) if arguments.file else Settings.for_console(env).dialplan
    loaded = dialplan.load(path)
    warnings = dialplan.warnings(loaded.plan)
    for warning in warnings:
        print(f"{path}: warning: {warning}", file=sys.stderr)
    rules, profiles = len(loaded.plan.rules), len(loaded.plan.outbound)
    print(f"{path}: {rules} rules, {profiles} outbound profiles, hash {loaded.hash}")
    return 1 if warnings else 0


def release(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Block a release whose dialplan is wrong; warnings are shown and let pass."""
    check(argparse.Namespace(file=None), env)
    return 0
