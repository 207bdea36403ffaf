"""Dead letters as a person reads them, and as JSON has them; pure."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from console import table
from console.dead.groups import Group
from console.dead.job import payload
from console.dead.letter import Letter, outlook
from console.dead.masking import masked_text, masked_value
from console.summary import when
from shared.queues import FAILED_TTL_S

COLUMNS: Final = ("count", "stale", "oldest", "newest", "kind", "what", "newest id", "reason")
OUTCOMES: Final = {
    "replayed": "",
    "stale": "call over; --include-stale replays all the same",
    "broken": "nothing left to run; see trunkline dead show",
    "gone": "no dead letter any more",
}


def group_row(group: Group) -> dict[str, Any]:
    """A group by `COLUMNS`."""
    return {
        "count": group.count,
        "stale": group.stale,
        "oldest": when(group.oldest),
        "newest": when(group.newest),
        "kind": ", ".join(sorted(group.kinds)) or None,
        "what": _few(sorted(group.whats)) or None,
        "newest id": group.newest_id,
        "reason": group.reason,
    }


def group_document(group: Group) -> dict[str, Any]:
    return {
        "reason": group.reason,
        "count": group.count,
        "stale": group.stale,
        "oldest": when(group.oldest),
        "newest": when(group.newest),
        "kinds": sorted(group.kinds),
        "what": sorted(group.whats),
        "ids": group.ids,
    }


def totals(groups: Sequence[Group], limit: int) -> str:
    """The line below the table."""
    count, stale = sum(group.count for group in groups), sum(group.stale for group in groups)
    line = f"{count} dead {'letter' if count == 1 else 'letters'}, {stale} stale"
    more = len(groups) - limit
    return f"{line}; of {more} more {'reason' if more == 1 else 'reasons'}: see --limit" if more > 0 else line


def document(letter: Letter, *, unmask: bool) -> dict[str, Any]:
    """One letter. What cannot be known of it is None."""
    place, work = letter.place, letter.work
    carries = payload(letter.data) if letter.data else None
    return {
        "id": place.id,
        "what": (work and work.what) or None,
        "function": (work and work.function) or None,
        "kind": place.kind,
        "call": letter.call or None,
        "received": when(work.received_at) or None if work else None,
        "parked": when(place.parked_at) or None,
        "kept_until": when(place.parked_at + FAILED_TTL_S) if place.kind else None,
        "reason": letter.reason if unmask else masked_text(letter.reason),
        "attempts": letter.tries + letter.lost_leases if place.kind else None,
        "lost_leases": letter.lost_leases if place.kind else None,
        "stale": letter.is_stale,
        "replay": outlook(letter),
        "payload": carries if unmask else masked_value(carries),
    }


def page(told: dict[str, Any]) -> str:
    """What `dead show` prints."""
    fields = {name.replace("_", " "): value for name, value in told.items() if name != "payload"}
    head = table.fields(fields | {"stale": "yes" if told["stale"] else "no"})
    if told["payload"] is None:
        return head
    lines = msgspec.json.format(msgspec.json.encode(told["payload"]), indent=2).decode().split("\n")
    return "\n".join((head, "", *map(table.text, lines)))


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:2])
    return f"{shown} and {len(names) - 2} more" if len(names) > 2 else shown
