"""Dead letters by reason, one of them, and what can be done with them.

Somebody waits for the page: it looks at the newest of each kind, and acts on a few at a time. The command takes
all of them, at any rate.
"""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
from redis.asyncio import Redis
from starlette.responses import Response

from console import table
from console.asking import NotThere
from console.dead import groups, reading, told
from console.dead.discard import discard
from console.dead.groups import Groups
from console.dead.letter import Letter, Place
from console.dead.masking import masked_text
from console.dead.replay import Pace, replay
from console.page.visit import Visit, command
from shared.queues import KINDS

EVERY_S: Final = 10
NEWEST: Final = 200  # of each kind that are read for the list
AT_ONCE: Final = 100  # that one click replays or discards
RATE: Final = 20.0  # a second: 5 s for a click


async def screen(visit: Visit) -> Response:
    return await _show(visit)


async def letter(visit: Visit) -> Response:
    return await _letter(visit, visit.query.get("id", ""), unmask=False)


async def unmask(visit: Visit) -> Response:
    return await _letter(visit, visit.form.get("id", ""), unmask=True)


async def dry_run(visit: Visit) -> Response:
    return await _replay(visit, dry_run=True)


async def run_again(visit: Visit) -> Response:
    return await _replay(visit, dry_run=False)


async def throw_away(visit: Visit) -> Response:
    chosen, on = await _chosen(visit)
    gone = await discard(visit.client, chosen)
    visit.audit("dead discard", on, discarded=gone)
    return await _show(visit, f"{gone} discarded")


async def _replay(visit: Visit, *, dry_run: bool) -> Response:
    chosen, on = await _chosen(visit)
    stale = visit.form.get("stale") == "yes"
    done = await replay(visit.client, chosen, Pace(RATE), include_stale=stale, dry_run=dry_run)
    counts: Counter[str] = Counter(one.outcome for one in done)
    if not dry_run:
        visit.audit("dead replay", on, include_stale=stale, **counts)
    said = ", ".join(
        f"{n} {'would be replayed' if dry_run and outcome == 'replayed' else outcome}"
        for outcome, n in counts.items()
    )
    return await _show(visit, f"{'Dry run, nothing was changed: ' if dry_run else ''}{said}")


async def _show(visit: Visit, notice: str = "") -> Response:
    found, is_all = Groups(), True
    for page, more in await _newest(visit.client):
        is_all = is_all and not more
        found.add(page)
    return await visit.show(
        "dead.html",
        here="dead",
        every=0 if notice else EVERY_S,
        notice=notice,
        same=command("dead", "list"),
        groups=[told.group_row(group) | {"key": group.reason} for group in found.newest_first()],
        is_all=is_all,
        newest=NEWEST,
        at_once=AT_ONCE,
    )


async def _letter(visit: Visit, name: str, *, unmask: bool) -> Response:
    place = await reading.find(visit.client, name) if name and name.isprintable() else None
    if place is None:
        raise NotThere("No dead letter has this id")
    if unmask:
        visit.audit("dead unmask", place.id)
    (read,) = await reading.read(visit.client, [place], time.time())
    document = told.document(read, unmask=unmask)
    carries = document.pop("payload")
    text = msgspec.json.format(msgspec.json.encode(carries), indent=2).decode() if carries is not None else ""
    return await visit.show(
        "letter.html",
        here="dead",
        same=command("dead", "show", name, *(("--unmask",) if unmask else ())),
        id=name,
        call=read.call,
        masked=not unmask,
        fields={key.replace("_", " "): table.text(value) for key, value in document.items()},
        carries=text,
    )


async def _chosen(visit: Visit) -> tuple[list[Place], str]:
    """What a form is about: a letter, or the oldest of those shown that have a reason. With a word for the log."""
    name, reason = visit.form.get("id", ""), visit.form.get("reason", "")
    if name:
        place = await reading.find(visit.client, name) if name.isprintable() else None
        chosen = [place] if place else []
    else:
        shown = await _newest(visit.client)
        alike = [one.place for page, _ in shown for one in page if groups.normal(one.reason) == reason]
        chosen = sorted(alike, key=lambda place: place.parked_at)[:AT_ONCE]
    if not chosen:
        raise NotThere("No dead letter is that any more; nothing was changed")
    return chosen, name or masked_text(reason)[:200]


async def _newest(client: Redis) -> list[tuple[Sequence[Letter], bool]]:
    """The newest letters of each kind and of the broken ones, and whether there are more."""
    now = time.time()
    found: list[tuple[Sequence[Letter], bool]] = []
    for kind in (*KINDS, None):
        places: list[Place] = []
        async for page in reading.of_kind(client, kind, now):
            places += page
            if len(places) > NEWEST:
                break
        letters: list[Letter] = []
        for at in range(0, min(len(places), NEWEST), reading.BATCH):
            letters += await reading.read(client, places[at : at + reading.BATCH], now)
        found.append((letters, len(places) > NEWEST))
    return found
