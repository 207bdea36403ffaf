"""Where signed events go that are not for us or that we cannot read: kept before they are answered."""

from typing import Final

import msgspec

from ingress.durable import DurableWrites
from shared import queues
from shared.scripts import Script

KEPT: Final = 1_000
KEPT_S: Final = 7 * 24 * 3600

_quarantine = Script(__file__, "quarantine")


class Quarantined(msgspec.Struct, frozen=True):
    """One entry, as it stands in Valkey (msgpack). `received_at` is in Unix seconds."""

    reason: str
    received_at: float
    body: bytes


async def keep(writes: DurableWrites, reason: str, received_at: float, body: bytes) -> None:
    """Keep it durably, newest first. Raises Unavailable: then a 503 must have it sent again."""
    entry = msgspec.msgpack.encode(Quarantined(reason, received_at, body))
    await writes.run_once(_quarantine, [queues.QUARANTINE, queues.STATS], [entry, KEPT, KEPT_S])
