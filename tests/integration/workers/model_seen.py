"""The call as Valkey has it between two steps."""

from typing import Final, NamedTuple

import redis

from shared import queues
from shared.ids import CallId, Row
from shared.queues import KINDS, Kind
from tests.integration.workers.model_scripts import PROFILE


class Seen(NamedTuple):
    """Everything of it, and of the account and the queues."""

    version: int
    token: str
    drain: str  # kind of the drain that it is in, or nothing
    due: float | None  # in that drain
    now: float
    outbox: dict[bytes, bytes]
    accepted: int
    applied: int
    pending: int
    timers: int
    pushed: list[tuple[Kind, str]]  # jobs that are in the queues of RQ
    waits_to_dial: bool

    @property
    def is_due(self) -> bool:
        return self.due is not None and self.due <= self.now


NOTHING: Final = Seen(0, "", "", None, 0.0, {}, 0, 0, 0, 0, [], False)


def look(valkey: "redis.Redis", call: CallId) -> Seen:
    """Read everything once."""
    with valkey.pipeline(transaction=False) as ask:
        ask.hmget(queues.call_key(call), "version", "token")
        ask.hgetall(queues.outbox_key(call))
        ask.hmget(queues.STATS, "accepted", "applied")
        ask.time()
        ask.exists(queues.waiting_key(PROFILE))
        for kind in KINDS:
            ask.zscore(queues.drain_key(kind), call)
            ask.zcard(queues.pending_key(kind))
            ask.zcard(queues.schedule_key(kind))
            ask.lrange(queues.queue_key(kind), 0, -1)
        (version, token), outbox_, stats, (seconds, micros), waits, *of_kinds = ask.execute()
    drains = [(kind, due) for kind, due in zip(KINDS, of_kinds[::4], strict=True) if due is not None]
    assert len(drains) <= 1, f"the call is in the drains {drains}"
    drain, due = drains[0] if drains else ("", None)
    accepted, applied = (int(number or 0) for number in stats)
    pushed = [(kind, job.decode()) for kind, held in zip(KINDS, of_kinds[3::4], strict=True) for job in held]
    return Seen(
        int(version or 0),
        (token or b"").decode(),
        drain,
        due,
        seconds + micros / 1e6,
        outbox_,
        accepted,
        applied,
        sum(of_kinds[1::4]),
        sum(of_kinds[2::4]),
        pushed,
        bool(waits),
    )


def rows_of(fields: dict[bytes, bytes]) -> list[Row]:
    return sorted(Row(int(field)) for field in fields if b"." not in field)
