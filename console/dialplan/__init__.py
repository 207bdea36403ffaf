"""`trunkline dialplan check|explain|diff`: a dialplan looked at before calls meet it."""

import argparse

from console.dialplan import check, diff, explain


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The commands below `trunkline dialplan`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    check.add_arguments(
        verbs.add_parser("check", help="exit 0 when it is right, 1 with warnings, 2 when it is wrong")
    )
    explain.add_arguments(verbs.add_parser("explain", help="which rule takes a call, why, and what follows"))
    diff.add_arguments(verbs.add_parser("diff", help="which calls would go elsewhere under another dialplan"))
