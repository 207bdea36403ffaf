"""The commands and their options; each one's work stands in a module of its own."""

import argparse
from typing import NoReturn

from console import (
    audit,
    calls,
    dead,
    demo,
    demo_scenarios,
    dev,
    dial,
    diff,
    dnc,
    doctor,
    explain,
    listen,
    outbound,
    plan,
    provision,
    queue_commands,
    reconcile,
    release,
    telnyx,
    trigger,
)
from console.page import serve


class OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and exit code 2, as everywhere for bad input."""
        self.exit(2, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="trunkline", description="Phone calls that must not get lost.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser(
        "demo", help="play calls of every kind against a Telnyx stand-in, and check them"
    )
    command.add_argument("--calls", type=_count, default=demo.CALLS, help="how many (default %(default)s)")
    command.add_argument(
        "--chaos",
        default=demo.CHAOS,
        help="what goes wrong: dup,reorder,drop,5xx,slow,silence,reset (default %(default)s); '' for nothing",
    )
    command.add_argument("--seed", type=int, default=1, help="of what goes wrong (default %(default)s)")
    command.add_argument(
        "--scenario",
        action="append",
        choices=demo_scenarios.names(),
        help="only these, each by its own --scenario",
    )
    command.set_defaults(run=demo.run)

    command = commands.add_parser("dev", help="everything up on this machine, against a Telnyx stand-in")
    command.set_defaults(run=dev.run)

    listen.add_arguments(commands.add_parser("listen", help="Telnyx's own events on this machine, by a tunnel"))

    trigger.add_arguments(
        commands.add_parser("trigger", help="send a signed sample of an event to `trunkline dev`")
    )

    command = commands.add_parser("audit", help="accepted = applied + parked + pending, or exit 1")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=audit.run)

    reconcile.add_arguments(commands.add_parser("reconcile", help="hold our live calls against Telnyx's, now"))

    command = commands.add_parser("dialplan", help="check, explain and compare dialplans")
    verbs = command.add_subparsers(required=True, metavar="VERB")
    check = verbs.add_parser("check", help="exit 0 when it is right, 1 with warnings, 2 when it is wrong")
    check.add_argument("file", nargs="?", help="default: DIALPLAN, or dialplan.toml")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=plan.check)
    explain.add_arguments(verbs.add_parser("explain", help="which rule takes a call, why, and what follows"))
    diff.add_arguments(verbs.add_parser("diff", help="which calls would go elsewhere under another dialplan"))

    command = commands.add_parser("calls", help="what happened to the calls, and starting one")
    verbs = command.add_subparsers(required=True, metavar="VERB")
    calls.add_commands(verbs)
    dial.add_command(verbs)

    outbound.add_commands(commands.add_parser("outbound", help="outbound profiles: how they stand, and the brake"))
    dnc.add_commands(commands.add_parser("dnc", help="the do-not-call list"))
    queue_commands.add_commands(commands.add_parser("queues", help="queues and workers: how they stand; drain"))
    dead.add_commands(commands.add_parser("dead", help="dead letters: what the workers have given up"))
    telnyx.add_commands(commands.add_parser("telnyx", help="Telnyx's operations, by hand"))

    provision.add_arguments(
        commands.add_parser("provision", help="the call control application: what differs, and --apply")
    )

    serve.add_arguments(commands.add_parser("page", help="the operator's page alone, on this machine"))

    doctor.add_arguments(commands.add_parser("doctor", help="what keeps this deployment from working"))

    command = commands.add_parser("release", help="what the Procfile's release line runs: blocks a bad release")
    command.set_defaults(run=release.run)
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 10_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 10000")
    return int(text)
