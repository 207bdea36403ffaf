"""`trunkline dialplan explain`: which rule takes a call and why no earlier one does, and what follows.

What follows is played: the workers' own `decide` hears imagined events, and hooks are called as they would be.
"""

import argparse
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from console.dialplan import explain_call
from console.whatif import clock, incoming, outgoing, told
from shared import dialplan, hooks
from shared.dialplan import Loaded
from shared.dialplan.forms import is_header_name
from shared.errors import ConfigError
from shared.numbers import is_number, is_withheld
from shared.settings import Settings
from workers.logic.decision import Around
from workers.logic.routing_rules import Incoming

_ME: Final = "trunkline dialplan explain"
_TAKES: Final = {  # what goes with which question
    "call": {"call", "unmask"},
    "profile": {"profile", "to", "at", "connection", "file"},
    "to": {"to", "from", "at", "connection", "attestation", "tag", "header", "file"},
}


class World(NamedTuple):
    """The dialplan as a worker would run it, and the time."""

    path: Path
    loaded: Loaded
    hooks: hooks.Hooks
    zone: ZoneInfo
    at: datetime

    @property
    def around(self) -> Around:
        return Around(hooks=self.hooks.functions)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    for name, metavar, what in (
        ("to", "NUMBER", "that is called"),
        ("from", "NUMBER", "that calls; anonymous for a withheld one"),
        ("at", "TIME", 'by the dialplan\'s clock, as "2026-12-25 10:00" (default: now)'),
        ("connection", "ID", "that the call comes over (default: TELNYX_CONNECTION_ID)"),
        ("profile", "NAME", "explain an outbound profile instead"),
        ("call", "ID", "explain a call that there was, by our id or Telnyx's of its session or a leg"),
    ):
        parser.add_argument(f"--{name}", metavar=metavar, help=what)
    parser.add_argument("--attestation", choices=("A", "B", "C"), help="of the caller's number (default: none)")
    parser.add_argument("--tag", action="append", metavar="T", help="of the call, as often as needed")
    parser.add_argument("--header", action="append", metavar="NAME=VALUE", help="of the call, as often as needed")
    parser.add_argument("--unmask", action="store_true", help="show the numbers of a --call whole")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("file", nargs="?", help="default: DIALPLAN, or dialplan.toml")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0; 1 for a call that is not there. Raises ConfigError."""
    given = {name: value for name, value in vars(arguments).items() if value not in (None, False)}
    way = "call" if "call" in given else "profile" if "profile" in given else "to"
    for name in sorted(set().union(*_TAKES.values()) - _TAKES[way]):
        if name in given:
            raise ConfigError(f"{_ME}: {'FILE' if name == 'file' else f'--{name}'} does not go with --{way}")
    if way == "call":
        return explain_call.run(arguments, env)
    settings = Settings.for_console(env)
    world = _world(given, settings)
    explain = _profile if way == "profile" else _incoming
    explained, lines = explain(world, given, given.get("connection", settings.connection_id))
    if arguments.json:
        about = {"file": str(world.path), "hash": world.loaded.hash, "at": world.at, "hooks": world.hooks.faults}
        print(msgspec.json.encode(about | msgspec.to_builtins(explained)).decode())
        return 0
    print(f"{world.path} (hash {world.loaded.hash})")
    for name, fault in world.hooks.faults.items():
        print(f"hook {name} cannot be loaded, so its calls go to [default]: {fault}")
    print("\n".join(lines))
    return 0


def _world(given: dict[str, Any], settings: Settings) -> World:
    path = Path(given.get("file", settings.dialplan))
    loaded = dialplan.load(path)
    zone = ZoneInfo(loaded.plan.timezone)
    at = clock.read(given["at"], zone) if "at" in given else datetime.now(zone)
    named = (name for _, name in dialplan.hook_names(loaded.plan))
    return World(path, loaded, hooks.load(named, path.parent), zone, at)


def _incoming(world: World, given: dict[str, Any], connection: str) -> tuple[incoming.Explained, list[str]]:
    for name in ("to", "from"):
        if name not in given:
            raise ConfigError(
                f"{_ME}: --{name} is missing: --to NUMBER --from NUMBER, --profile NAME or --call ID"
            )
        if not (is_number(given[name]) or (name == "from" and is_withheld(given[name]))):
            raise _no_number(name, given[name])
    asked = Incoming(
        to=given["to"],
        from_=given["from"],
        connection=connection,
        at=world.at.timestamp(),
        attestation=given.get("attestation"),
        tags=tuple(given.get("tag", ())),
        headers=tuple(map(_header, given.get("header", ()))),
    )
    explained = incoming.explain(world.loaded.plan, asked, world.around)
    head = f"{asked.from_} calls {asked.to} on {clock.told(world.at, world.zone)}"
    return explained, [head, "", *told.rules(explained.why, explained.rule), "", *told.tree(explained.follows)]


def _profile(world: World, given: dict[str, Any], connection: str) -> tuple[outgoing.Explained, list[str]]:
    name, to = given["profile"], given.get("to")
    plan = world.loaded.plan
    if name not in plan.outbound:
        known = ", ".join(plan.outbound) or "none"
        raise ConfigError(f"{_ME}: there is no [outbound.{name}] in {world.path}; known: {known}")
    if to is not None and not is_number(to):
        raise _no_number("to", to)
    explained = outgoing.explain(plan, name, to, world.at, connection, world.around)
    head = f"[outbound.{name}] calls {to or 'anybody'} on {clock.told(world.at, world.zone)}"
    return explained, [head, "", *told.conditions(explained, world.zone), "", *told.tree(explained.follows)]


def _no_number(option: str, text: str) -> ConfigError:
    other = ", nor anonymous" if option == "from" else ""
    return ConfigError(f"{_ME}: --{option} {text!r} is no E.164 number (+13125550100) and no SIP URI{other}")


def _header(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not is_header_name(name):
        raise ConfigError(f"{_ME}: --header {text!r} is not NAME=VALUE, for example X-Tier=gold")
    return name, value
