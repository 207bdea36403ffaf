"""The commands by name; what each one takes and does stands in a module of its own."""

import argparse
from collections.abc import Callable
from typing import Final, NamedTuple, NoReturn

from console import (
    audit,
    calls,
    dead,
    demo,
    dev,
    dialplan,
    dnc,
    doctor,
    listen,
    outbound,
    provision,
    queue_commands,
    reconcile,
    release,
    ring,
    telnyx,
    trigger,
)
from console.page import serve
from shared.version import VERSION


class OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and exit code 2, as everywhere for bad input."""
        self.exit(2, f"{self.prog}: {message}\n")


class Command(NamedTuple):
    """`add` gives its parser the options, and `run`: the arguments and the environment -> the exit code."""

    name: str
    add: Callable[[argparse.ArgumentParser], None]
    help: str


COMMANDS: Final = (
    Command("demo", demo.add_arguments, "play calls of every kind against a Telnyx stand-in, and check them"),
    Command("dev", dev.add_arguments, "everything up on this machine, against a Telnyx stand-in"),
    Command("listen", listen.add_arguments, "Telnyx's own events on this machine, by a tunnel"),
    Command("ring", ring.add_arguments, "somebody calls, at `trunkline dev`, and what came of it"),
    Command("trigger", trigger.add_arguments, "send a signed sample of an event to `trunkline dev`"),
    Command("audit", audit.add_arguments, "accepted = applied + parked + pending, or exit 1"),
    Command("reconcile", reconcile.add_arguments, "hold our live calls against Telnyx's, now"),
    Command("dialplan", dialplan.add_commands, "check, explain and compare dialplans"),
    Command("calls", calls.add_commands, "what happened to the calls, and starting one"),
    Command("outbound", outbound.add_commands, "outbound profiles: how they stand, and the brake"),
    Command("dnc", dnc.add_commands, "the do-not-call list"),
    Command("queues", queue_commands.add_commands, "queues and workers: how they stand; drain"),
    Command("dead", dead.add_commands, "dead letters: what the workers have given up"),
    Command("telnyx", telnyx.add_commands, "Telnyx's operations, by hand"),
    Command("provision", provision.add_arguments, "the call control application: what differs, and --apply"),
    Command("page", serve.add_arguments, "the operator's page alone, on this machine"),
    Command("doctor", doctor.add_arguments, "what keeps this deployment from working"),
    Command("release", release.add_arguments, "what the Procfile's release line runs: blocks a bad release"),
)


def build_parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="trunkline", description="Phone calls that must not get lost.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands.add_parser(command.name, help=command.help))
    return parser
