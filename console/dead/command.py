"""`trunkline dead list|show|replay|discard`: what the workers have given up, and what becomes of it."""

import argparse
import re
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NoReturn

import msgspec
from redis.asyncio import Redis

from console import table
from console.asking import NotThere, ask
from console.dead import reading, told
from console.dead.discard import discard
from console.dead.groups import Groups, has_reason
from console.dead.letter import Place
from console.dead.replay import RATE, Done, Pace, replay
from console.options import whole_number
from shared.errors import ConfigError
from shared.queues import KINDS
from shared.settings import Settings

LIMIT: Final = 20

Answer = tuple[int, object, str]  # exit code, as JSON, as a person reads it


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The commands below `trunkline dead`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="by reason, the newest first")
    _add_filters(listing)
    showing = verbs.add_parser("show", help="one of them: what it was, why it lies here, what replay would do")
    showing.add_argument("id", metavar="ID")
    showing.add_argument("--unmask", action="store_true", help="with numbers and names as they are")
    replaying = verbs.add_parser("replay", help="run them again, once what was wrong is mended")
    _add_choice(replaying)
    _add_pace(replaying)
    discarding = verbs.add_parser("discard", help="throw them away, counted")
    _add_choice(discarding)
    discarding.add_argument("--yes", action="store_true", help="with --all: yes, every one of them")
    commands = ((listing, _list), (showing, _show), (replaying, _replay), (discarding, _discard))
    for command, question in commands:
        command.add_argument("--json", action="store_true")
        command.set_defaults(run=_run, question=question)


def _add_filters(listing: argparse.ArgumentParser) -> None:
    listing.add_argument("--reason", type=_reason, metavar="TEXT", help="whose reason holds this text")
    listing.add_argument("--kind", choices=KINDS, help="of this kind of workers")
    listing.add_argument(
        "--limit",
        type=whole_number(1, 100_000),
        default=LIMIT,
        metavar="N",
        help="reasons (default %(default)s)",
    )


def _add_choice(command: argparse.ArgumentParser) -> None:
    command.add_argument("ids", nargs="*", metavar="ID", help="these")
    command.add_argument("--reason", type=_reason, metavar="TEXT", help="those whose reason holds this text")
    command.add_argument("--all", action="store_true", help="every one of them")


def _add_pace(replaying: argparse.ArgumentParser) -> None:
    replaying.add_argument("--dry-run", action="store_true", help="only say what would be done")
    replaying.add_argument(
        "--rate", type=_rate, default=RATE, metavar="N/s", help="at most so many a second (default 5/s)"
    )
    replaying.add_argument("--include-stale", action="store_true", help="also where the call is over")


def _run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 done, 1 not there or not done; bad input raises ConfigError, a server that is away Unavailable."""
    settings = Settings.for_console(env, required=("REDIS_URL",))
    question: Callable[[Redis, argparse.Namespace], Awaitable[Answer]] = arguments.question
    try:
        code, document, page = ask(settings, lambda client: question(client, arguments))
    except NotThere as reason:
        print(reason, file=sys.stderr)
        return 1
    print(msgspec.json.encode(document).decode() if arguments.json else page)
    return code


async def _list(client: Redis, arguments: argparse.Namespace) -> Answer:
    groups, now = Groups(), time.time()
    async for page in reading.places(client, arguments.kind, now):
        letters = await reading.read(client, page, now)
        groups.add(letter for letter in letters if has_reason(letter.reason, arguments.reason or ""))
    found = groups.newest_first()
    shown = found[: arguments.limit]
    document = {
        "count": sum(group.count for group in found),
        "stale": sum(group.stale for group in found),
        "reasons": len(found),
        "groups": [told.group_document(group) for group in shown],
    }
    rows = table.rows([told.group_row(group) for group in shown], told.COLUMNS)
    return 0, document, f"{rows}\n\n{told.totals(found, arguments.limit)}" if found else rows


async def _show(client: Redis, arguments: argparse.Namespace) -> Answer:
    (place,) = await _named(client, [arguments.id])
    (letter,) = await reading.read(client, [place], time.time())
    document = told.document(letter, unmask=arguments.unmask)
    return 0, document, told.page(document)


async def _replay(client: Redis, arguments: argparse.Namespace) -> Answer:
    chosen = await _chosen(client, arguments, "replay")
    done = await replay(
        client,
        chosen,
        Pace(arguments.rate),
        include_stale=arguments.include_stale,
        dry_run=arguments.dry_run,
    )
    ids = {outcome: [one.letter.place.id for one in done if one.outcome == outcome] for outcome in told.OUTCOMES}
    counts = {outcome: len(of_it) for outcome, of_it in ids.items()}
    document = {"dry_run": arguments.dry_run, **counts, "ids": ids}
    left = counts["replayed"] < len(chosen) and bool(arguments.ids)
    return int(left), document, _replayed(done, counts, arguments)


def _replayed(done: Sequence[Done], counts: Mapping[str, int], arguments: argparse.Namespace) -> str:
    seconds = counts["replayed"] / arguments.rate
    dry = f"dry run, nothing was changed; would take {seconds:.0f} s" if arguments.dry_run else ""
    notes = told.OUTCOMES | {"replayed": dry}
    if arguments.ids:
        each = [{"id": one.letter.place.id, "outcome": one.outcome, "note": notes[one.outcome]} for one in done]
        return table.rows(each, ("id", "outcome", "note"))
    summed = [{"outcome": name, "count": n, "note": notes[name] if n else ""} for name, n in counts.items()]
    return table.rows(summed, ("outcome", "count", "note"))


async def _discard(client: Redis, arguments: argparse.Namespace) -> Answer:
    if arguments.all and not arguments.yes:
        raise ConfigError("trunkline dead discard --all: add --yes to throw every dead letter away")
    chosen = await _chosen(client, arguments, "discard")
    count = await discard(client, chosen)
    return 0, {"discarded": count}, f"{count} discarded"


async def _chosen(client: Redis, arguments: argparse.Namespace, verb: str) -> list[Place]:
    """The letters that are meant, the oldest first. Raises ConfigError, NotThere."""
    ways = bool(arguments.ids) + bool(arguments.reason) + arguments.all
    if ways != 1:
        raise ConfigError(f"trunkline dead {verb}: say which, by one of: ids, --reason TEXT, --all")
    if arguments.ids:
        return await _named(client, list(dict.fromkeys(arguments.ids)))
    chosen = await reading.with_reason(client, arguments.reason or "", time.time())
    if arguments.reason and not chosen:
        raise NotThere(f"no dead letter has a reason with {arguments.reason!r}: see trunkline dead list")
    return chosen


async def _named(client: Redis, ids: Sequence[str]) -> list[Place]:
    """Raises NotThere for the first that is none."""
    places = []
    for job_id in ids:
        place = await reading.find(client, job_id) if job_id.isprintable() else None
        if place is None:
            raise NotThere(f"no dead letter {job_id!r}: see trunkline dead list; nothing was changed")
        places.append(place)
    return sorted(places, key=lambda place: place.parked_at)


def _reason(text: str) -> str:
    return text if text.strip() else _refuse("an empty text is in every reason: --all means all")


def _rate(text: str) -> float:
    found = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,3})?)(?:/s)?", text)
    if not found or not 0 < float(found[1]) <= 1000:
        _refuse(f"{text!r} is not a rate from 0.001/s to 1000/s, like 5/s")
    return float(found[1])


def _refuse(reason: str) -> NoReturn:
    raise argparse.ArgumentTypeError(reason)
