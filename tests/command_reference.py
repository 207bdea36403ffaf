"""Makes docs/commands.md from the parser of the command line: `python -m tests.command_reference`."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from console.cli import build_parser
from tests.processes import ROOT

PAGE: Final = ROOT / "docs" / "commands.md"
TEXT: Final = Path(__file__).with_suffix(".txt")

EXITS_1: Final = {  # what a 1 says, where it says more than that a server does not answer
    "demo": "a promise was broken, or a call did not do what its dialplan says",
    "audit": "the numbers don't add up",
    "reconcile": "something is left that was not settled, or could not be looked at",
    "dialplan check": "there are warnings",
    "dialplan diff": "some call would go elsewhere",
    "dialplan explain": "the call is not known",
    "calls show": "the call is not known",
    "calls export": "the call is not known",
    "calls dial": "the key was used for another call",
    "dead show": "there is no such letter",
    "dead replay": "one of the named letters was left where it was, or is not there",
    "dead discard": "one of the named letters is not there",
    "doctor": "something keeps the deployment from working",
    "ring": "the call goes on after a minute",
    "trigger": "the web process did not answer 200",
    "queues drain": "there was no worker, or one is still there",
    "provision": "something differs, or Telnyx refused",
    "telnyx": "Telnyx refused",
}


def page() -> str:
    """The whole page."""
    return TEXT.read_text(encoding="utf-8").format(commands="\n\n".join(map(_section, commands())))


def commands() -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """(name as it is typed, its parser, the line of help) of every command that does something."""
    yield from _below("", build_parser())


def _below(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for verb, below in action.choices.items():
                full = f"{name} {verb}".strip()
                if any(isinstance(one, argparse._SubParsersAction) for one in below._actions):
                    yield from _below(full, below)
                else:
                    yield full, below, helps.get(verb, "")


def _section(command: tuple[str, argparse.ArgumentParser, str]) -> str:
    name, parser, what = command
    usage = " ".join(
        parser.format_usage().removeprefix("usage: ").replace("[-h] ", "").replace(" [-h]", "").split()
    )
    rows = [_row(parser, action) for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    lines = [f"### {name}", "", f"{what[:1].upper()}{what[1:]}." if what else "", "", "```", usage, "```"]
    if rows:
        lines += ["", "| | |", "|---|---|", *rows]
    exits = EXITS_1.get(name) or EXITS_1.get(name.partition(" ")[0])
    if exits:
        lines += ["", f"Exit code 1: {exits}."]
    return "\n".join(lines)


def _row(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    told = (action.help or "") % {"default": action.default, "prog": "trunkline"}
    if action.dest == "json" and not told:
        told = "as one JSON document instead of a table"
    named = _plain(parser._get_formatter()._format_action_invocation(action)).replace("|", "\\|")
    return f"| `{named}` | {told.replace('|', chr(92) + '|')} |"


def _plain(text: str) -> str:
    """Python 3.14 colours it on a terminal."""
    return re.sub("\x1b\\[[0-9;]*m", "", text)


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
