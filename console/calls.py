"""`trunkline calls list|show|export|cancel|dial`: what happened to the calls, from what Valkey keeps of them."""

import argparse
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from console import cancel, dial, export, records, story, summary, table, timeline
from console.anonymous import anonymous
from console.asking import NotThere, ask
from console.options import span_s, whole_number
from console.records import Whole
from console.summary import Summary
from console.wanted import Wanted
from shared import numbers
from shared.errors import ConfigError
from shared.settings import Settings

LIMIT: Final = 20
_since = span_s("is not a time like 90s, 30m, 2h or 7d")


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The commands below `trunkline calls`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="calls, the newest first")
    _add_filters(listing)
    listing.add_argument(
        "--limit", type=whole_number(1, 100_000), default=LIMIT, metavar="N", help="at most (default %(default)s)"
    )
    showing = verbs.add_parser("show", help="everything that happened in a call, with the time it took")
    exporting = verbs.add_parser("export", help="a call as JSON that the tests can replay")
    for command in (showing, exporting):
        command.add_argument(
            "id",
            nargs="?",
            metavar="ID",
            help="of a call, or Telnyx's of its session or a leg (default: the newest)",
        )
    exporting.add_argument("--out", type=Path, metavar="FILE", help="default: to standard output")

    for command, question in ((listing, _list), (showing, _show), (exporting, _export)):
        command.add_argument("--unmask", action="store_true", help="with numbers and names as they are")
        command.add_argument("--json", action="store_true")
        command.set_defaults(run=_run, question=question)
    cancel.add_arguments(verbs.add_parser("cancel", help="call off an outbound call that nobody has answered yet"))
    dial.add_arguments(verbs.add_parser("dial", help="start an outbound call, as POST /calls does"))


def _add_filters(listing: argparse.ArgumentParser) -> None:
    listing.add_argument("--since", type=_since, metavar="2h", help="that began within this: 90s, 30m, 2h, 7d")
    listing.add_argument("--number", type=_pattern, metavar="+1…", help="with this party; `+1312*` is a prefix")
    listing.add_argument("--rule", metavar="NAME", help="of this rule or outbound profile")
    listing.add_argument("--outcome", metavar="X", help="that ended so: busy, human, normal_clearing, …")
    standing = listing.add_mutually_exclusive_group()
    standing.add_argument("--live", action="store_true", help="that are not over")
    standing.add_argument("--over", action="store_true", help="that are over")


def _run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 done, 1 not there; bad input raises ConfigError."""
    settings = Settings.for_console(env, required=("REDIS_URL",))
    question: Callable[[Redis, argparse.Namespace], Awaitable[str]] = arguments.question
    try:
        print(ask(settings, lambda client: question(client, arguments)))
    except NotThere as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


async def _list(client: Redis, arguments: argparse.Namespace) -> str:
    now = time.time()
    since = now - arguments.since if arguments.since else 0.0
    wanted = _wanted(arguments)
    found: list[Summary] = []
    async for kept in records.newest(client, since):
        told = summary.summary(kept, now)
        if wanted.takes(told):
            found.append(told)
        if len(found) == arguments.limit:
            break
    show = _show_number(arguments)
    if arguments.json:
        return _json({"calls": [summary.document(told, show) for told in found]})
    return table.rows([summary.row(told, show) for told in found], summary.COLUMNS)


def _wanted(arguments: argparse.Namespace) -> Wanted:
    state = "live" if arguments.live else "over" if arguments.over else ""
    return Wanted(arguments.number or "", arguments.rule or "", arguments.outcome or "", state)


async def _show(client: Redis, arguments: argparse.Namespace) -> str:
    whole = await _found(client, arguments.id)
    show = _show_number(arguments)
    told = summary.summary(whole.call, time.time())
    steps = timeline.read(whole.entries, show)
    if arguments.json:
        return _json(story.document(summary.document(told, show), whole.call.record, steps, show))
    return story.page(told, whole.call.record, steps, show)


async def _export(client: Redis, arguments: argparse.Namespace) -> str:
    whole = await _found(client, arguments.id)
    record = whole.call.record
    if record is None:
        raise NotThere(f"the record of call {whole.call.id} is gone, and with it which dialplan it began under")
    text = await records.plan_text(client, record.plan)
    if text is None:
        raise NotThere(f"the dialplan {record.plan} that call {record.id} began under is no longer kept")
    try:
        document = export.document(record, text, whole.entries)
    except export.NotWhole as reason:
        raise NotThere(f"call {record.id} cannot be exported: {reason}") from None
    if not arguments.unmask:
        document = anonymous(document)
    return _written(export.encode(document), document, arguments)


def _written(data: bytes, document: export.Document, arguments: argparse.Namespace) -> str:
    """The document itself, or a word of the file that it is in now."""
    if arguments.out is None:
        return data.decode().rstrip()
    try:
        arguments.out.write_bytes(data)
    except OSError as reason:
        raise ConfigError(
            f"--out {arguments.out} cannot be written ({reason.strerror}): name another file"
        ) from None
    told = {"file": str(arguments.out), "steps": len(document.steps), "anonymous": document.anonymous}
    return _json(told) if arguments.json else table.fields(told)


async def _found(client: Redis, name: str | None) -> Whole:
    """By an id, or the newest one. Raises NotThere."""
    if name is None:
        newest = await anext(records.newest(client), None)
        if newest is None:
            raise NotThere("no call is kept")
        name = newest.id
    return await records.get(client, name)


def _show_number(arguments: argparse.Namespace) -> Callable[[str], str]:
    return str if arguments.unmask else numbers.masked


def _json(told: Any) -> str:
    return msgspec.json.encode(told).decode()


def _pattern(text: str) -> str:
    if not numbers.is_pattern(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a number like +13125550100 nor a pattern like +1312*"
        )
    return text
