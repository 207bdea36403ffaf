"""`trunkline provision`: the call control application at Telnyx made what Trunkline relies on."""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from console import application, table
from console.advice import refusal
from console.application import Change, Wanted
from shared.errors import BadInput, ConfigError, TelnyxError
from shared.settings import Settings
from shared.telnyx import Api, Telnyx
from shared.telnyx.applications import Application, ListApplications

_FILTERED_FROM: Final = 3  # characters: Telnyx takes no shorter part of a name


class Outcome(msgspec.Struct, frozen=True):
    """`application` is None for one that is still to be made."""

    application: str | None
    name: str | None
    changes: list[Change]
    created: bool
    applied: bool
    warnings: list[str]

    @property
    def matches(self) -> bool:
        return self.applied or not self.changes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `trunkline provision`."""
    parser.add_argument("--apply", action="store_true", help="make it so; without, only the differences are shown")
    parser.add_argument("--name", metavar="NAME", help=f"default: as it is, or {application.NAME!r} for a new one")
    parser.add_argument(
        "--failover-url",
        type=_https,
        metavar="URL",
        help="https address of a second web process, tried after PUBLIC_URL",
    )
    parser.add_argument("--outbound-profile", metavar="ID", help="outbound voice profile of transfers and dials")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 it matches, or does now; 1 it differs, or Telnyx refused; bad input raises ConfigError."""
    settings = Settings.for_console(env, required=("TELNYX_API_KEY",))
    wanted = _wanted(settings, arguments.name, arguments.failover_url, arguments.outbound_profile)
    outcome = provision(settings, wanted, arguments.apply)
    if outcome is None:
        return 1
    if arguments.json:
        print(msgspec.json.encode(outcome).decode())
    else:
        tell(outcome)
    return 0 if outcome.matches else 1


def of_release(settings: Settings) -> int:
    """What a release makes so: name, failover and outbound profile stay. 0 it matches now, 1 Telnyx refused."""
    outcome = provision(settings, _wanted(settings, None, None, None), apply=True)
    if outcome is None:
        return 1
    tell(outcome)
    return 0 if outcome.matches else 1


def provision(settings: Settings, wanted: Wanted, apply: bool) -> Outcome | None:
    """Raises ConfigError; None, with the reason on stderr, when Telnyx refused."""
    try:
        return asyncio.run(_provision(settings, wanted, apply))
    except BadInput as reason:
        raise ConfigError(f"trunkline provision: {reason}") from None
    except TelnyxError as reason:
        print(refusal(reason), file=sys.stderr)
        return None


async def _provision(settings: Settings, wanted: Wanted, apply: bool) -> Outcome:
    telnyx = Telnyx(settings.telnyx_base_url, settings.telnyx_api_key)
    api = Api(telnyx)
    try:
        found = await find(api, settings.connection_id, wanted.application_name or application.NAME)
        differing = application.changes(wanted, found)
        made = await _apply(api, wanted, found, differing) if apply and differing else found
    finally:
        await telnyx.aclose()
    return Outcome(
        application=made.id if made else None,
        name=made.application_name if made else wanted.application_name,
        changes=differing,
        created=found is None and made is not None,
        applied=apply and bool(differing),
        warnings=application.warnings(wanted, made),
    )


async def find(api: Api, connection_id: str, name: str) -> Application | None:
    """By its id where that is known. Raises ConfigError where a name is not enough, TelnyxError."""
    if connection_id:
        return await api.retrieve_call_control_application(connection_id)
    asked = ListApplications(application_name_contains=name) if len(name) >= _FILTERED_FROM else ListApplications()
    named = [one async for one in api.list_call_control_applications(asked) if one.application_name == name]
    if len(named) > 1:
        ids = ", ".join(one.id for one in named)
        raise ConfigError(
            f"{len(named)} applications are called {name!r}: set TELNYX_CONNECTION_ID to one of {ids}"
        )
    return named[0] if named else None


async def _apply(api: Api, wanted: Wanted, found: Application | None, differing: list[Change]) -> Application:
    """The application as Telnyx has it now. Raises TelnyxError, also where it took less than it was sent."""
    if found is None:
        made = await api.create_call_control_application(application.creation(wanted))
    else:
        made = await api.change_call_control_application(found.id, application.update(differing))
    left = application.changes(wanted, made)
    if left:
        names = ", ".join(change.setting for change in left)
        raise TelnyxError(200, title="not taken over", detail=f"of application {made.id}: {names}")
    return made


def tell(outcome: Outcome) -> None:
    """For a person; warnings on stderr."""
    print(f"application {outcome.application or '(none yet)'} {table.text(outcome.name)}")
    if outcome.changes:
        print(table.rows([_row(change) for change in outcome.changes], ("setting", "found", "wanted")))
    print(_verdict(outcome))
    for warning in outcome.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _row(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in change.__struct_fields__}


def _verdict(outcome: Outcome) -> str:
    count = len(outcome.changes)
    if outcome.created:
        return f"made; set TELNYX_CONNECTION_ID={outcome.application}"
    if outcome.applied:
        return f"{count} changed"
    return f"{count} differ; --apply makes it so" if count else "it matches"


def _wanted(settings: Settings, name: str | None, failover_url: str | None, profile_id: str | None) -> Wanted:
    """Raises ConfigError."""
    if not settings.public_url:
        raise ConfigError("PUBLIC_URL is missing: set it to this deployment's address, https://…")
    if name == "":
        raise ConfigError("trunkline provision: --name is empty")
    if not settings.connection_id:  # then it is found by its name
        name = name or application.NAME
    return application.wanted(settings.public_url, name, failover_url, profile_id)


def _https(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address of the form https://…")
    return text
