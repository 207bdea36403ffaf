"""Storing jobs, each exactly once: the script that the web process and the operator's commands share."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

from redis.asyncio import Redis

from shared import faults, queues
from shared.errors import Unavailable
from shared.events import Envelope
from shared.queues import Entry
from shared.scripts import Script

SCRIPT: Final = Script(__file__, "enqueue")


class Stored(NamedTuple):
    """Stored by this entry, or by an earlier one with the same once-key, whose value this is."""

    is_new: bool
    once_value: str


def entry_of(event: Envelope, received_at: float, body: bytes) -> Entry:
    """The job of an event. Its bytes stay as they came: the worker decodes them again, with its own types."""
    return Entry(
        once_key=queues.seen_key(str(uuid4()) if faults.is_off("seen_key") else event.id),
        once_value="1",
        job_id=event.id,
        kind=queues.kind_of(event.event_type),
        description=event.event_type,
        data=queues.job_data(queues.APPLY_WEBHOOK, received_at, body),
    )


async def enqueue(client: Redis, entries: Sequence[Entry]) -> list[Stored]:
    """Store up to 64 in one script; a repeat does no harm. Raises redis.exceptions.RedisError.

    Raises Unavailable when the server refused one of them; the others are stored.
    """
    replies = await SCRIPT.run(client, *command(entries))
    return [stored(entry, reply) for entry, reply in zip(entries, replies, strict=True)]


def command(entries: Sequence[Entry]) -> tuple[list[str], list[str | bytes | int]]:
    """KEYS and ARGV as enqueue.lua wants them."""
    keys = [queues.STATS, queues.RQ_QUEUES]
    now = queues.rq_time(datetime.now(UTC))
    args: list[str | bytes | int] = [now, queues.DEDUPE_S, queues.FAILED_TTL_S, queues.RETRIES_LEFT]
    for entry in entries:
        keys += (
            entry.once_key,
            queues.job_key(entry.job_id),
            queues.queue_key(entry.kind),
            queues.pending_key(entry.kind),
        )
        args += (
            entry.once_value,
            entry.job_id,
            entry.kind,
            entry.description,
            queues.DEADLINE_S[entry.kind],
            entry.data,
        )
    return keys, args


def stored(entry: Entry, reply: list[Any]) -> Stored:
    """What the script's reply says of an entry. Raises Unavailable, with the server's reason."""
    if reply[0] == b"error":
        raise Unavailable(reply[1].decode(errors="replace"))
    is_new = reply[0] == b"new"
    return Stored(is_new, entry.once_value if is_new else reply[1].decode())
