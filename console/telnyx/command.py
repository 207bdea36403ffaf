"""What the commands of `console/telnyx/specs.py` take, and what is done with it.

Ids are positional, common parameters are options, everything else goes by `--body` (the request body exactly as
in Telnyx's documentation) or, for lists, `--query` (flat wire keys). All of it is judged by the types that the
workers use.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from console import table
from console.advice import refusal
from console.destinations import RINGING, refuse_destinations
from console.telnyx.specs import SPECS, Spec, flag_of
from shared.commands import Sent
from shared.errors import BadInput, ConfigError, TelnyxError
from shared.settings import Settings
from shared.telnyx import (
    Answer,
    Telnyx,
    check_operation,
    decode_body,
    decode_query,
    operation_request,
    page_request,
)
from shared.telnyx.exchange import refuse_failure
from shared.telnyx.lists import query
from shared.telnyx.pages import every_item

TIMEOUT_S: Final = 10.0
_PAGE_KEYS: Final = frozenset({"page[number]", "page[after]", "page[before]"})


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The commands below `trunkline telnyx`."""
    groups: dict[tuple[str, ...], Any] = {(): parser.add_subparsers(required=True, metavar="OPERATION")}
    for spec in SPECS:
        *above, word = spec.words
        group = tuple(above)
        if group not in groups:
            under = groups[()].add_parser(above[0], help=f"{above[0]}: list, create, show, update, delete")
            groups[group] = under.add_subparsers(required=True, metavar="VERB")
        _add(groups[group].add_parser(word, help=spec.help), spec)


def _add(parser: argparse.ArgumentParser, spec: Spec) -> None:
    operation = spec.operation
    for name in operation.ids:
        parser.add_argument(f"id_{name}", metavar=name)
    for name, what in spec.options.items():
        parser.add_argument(flag_of(name), dest=f"with_{name}", metavar="VALUE", help=what)
    if operation.takes is not None:
        source = "query" if operation.listed else "body"
        parser.add_argument(f"--{source}", dest="source", metavar="JSON", default="{}", help=f"the {source}")
    if operation.takes in RINGING:
        parser.add_argument(
            "--force", action="store_true", help="ring a number outside [limits] allow all the same"
        )
    parser.add_argument("--json", action="store_true", help="the API's own JSON")
    parser.set_defaults(run=run, spec=spec)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 done, 1 Telnyx refused; bad input raises ConfigError."""
    settings = Settings.for_console(env, required=("TELNYX_API_KEY",))
    spec: Spec = arguments.spec
    try:
        told = asyncio.run(_ask(spec, arguments, settings))
    except BadInput as reason:
        raise ConfigError(f"trunkline telnyx {' '.join(spec.words)}: {reason}") from None
    except TelnyxError as reason:
        print(refusal(reason), file=sys.stderr)
        return 1
    if arguments.json:
        print(msgspec.json.encode(told).decode())
    elif spec.operation.listed:
        print(table.rows(told["data"], spec.columns))
    else:
        print(table.fields(told["data"]) or "done")
    return 0


async def _ask(spec: Spec, arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Raises BadInput, before anything is sent, and TelnyxError."""
    operation = spec.operation
    ids = {name: getattr(arguments, f"id_{name}") for name in operation.ids}
    sent, command_id = _judged(spec, arguments, settings) if operation.takes else (None, None)
    telnyx = Telnyx(settings.telnyx_base_url, settings.telnyx_api_key)
    try:
        if operation.listed:
            return {"data": await _items(telnyx, spec.name, ids, query(sent))}
        request = operation_request(spec.name, ids, sent, command_id)
        answer = await telnyx.send(request, TIMEOUT_S)
        refuse_failure(request, answer)
        return {"data": answer.data}
    finally:
        await telnyx.aclose()


async def _items(telnyx: Telnyx, name: str, ids: Mapping[str, str], asked: dict[str, str]) -> list[dict[str, Any]]:
    """Every page, or the one page that was asked for."""

    async def fetch(parameters: dict[str, str]) -> Answer:
        request = page_request(name, ids, parameters)
        answer = await telnyx.send(request, TIMEOUT_S)
        refuse_failure(request, answer)
        return answer

    if _PAGE_KEYS & asked.keys():
        return list((await fetch(asked)).items)
    return [item async for item in every_item(fetch, asked)]


def _judged(spec: Spec, arguments: argparse.Namespace, settings: Settings) -> tuple[Sent, str | None]:
    """What is to be sent, and its command_id. Raises BadInput, DialplanError."""
    source = _source(spec, arguments, settings)
    if spec.operation.listed:
        sent, command_id = decode_query(spec.name, source), None
    else:
        sent, command_id = decode_body(spec.name, source)
    check_operation(spec.name, sent)
    if isinstance(sent, RINGING):
        refuse_destinations(sent, settings, forced=arguments.force)
    return sent, command_id


def _source(spec: Spec, arguments: argparse.Namespace, settings: Settings) -> bytes:
    """The body or query: what `--body` or `--query` says, and the options on top. Raises BadInput."""
    try:
        members = msgspec.json.decode(arguments.source.encode(), type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadInput("--body and --query take a JSON object") from None
    for name in spec.options:
        value = getattr(arguments, f"with_{name}")
        if value is None:
            continue
        if name in members:
            raise BadInput(f"{name} is given twice, by {flag_of(name)} and in the JSON")
        members[name] = _raw(name, value)
    if spec.name == "dial" and "connection_id" not in members and settings.connection_id:
        members["connection_id"] = _raw("connection_id", settings.connection_id)
    return msgspec.json.encode(members)


def _raw(name: str, value: str) -> msgspec.Raw:
    """An option as JSON: text, but for the numbers among them."""
    if name == "timeout_secs" and value.isascii() and value.isdigit():
        return msgspec.Raw(value.encode())
    return msgspec.Raw(msgspec.json.encode(value))
