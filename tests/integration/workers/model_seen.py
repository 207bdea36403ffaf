"""The call as Valkey has it between two steps."""

from typing import Final, NamedTuple

import redis

from shared import queues
from shared.ids import CallId, Row
from shared.queues import KINDS, Kind
from tests.integration.workers.model_scripts import PROFILE
from workers.delivery import outbox
from workers.delivery.outbox import Waiting

LOOK: Final = """
local seen = {
  redis.call('HMGET', KEYS[1], 'version', 'token'), redis.call('HGETALL', KEYS[2]),
  redis.call('HMGET', KEYS[3], 'accepted', 'applied'), redis.call('TIME'), redis.call('EXISTS', KEYS[4]),
}
for i = 5, #KEYS, 4 do
  seen[#seen + 1] = redis.call('ZSCORE', KEYS[i], ARGV[1])
  seen[#seen + 1] = redis.call('ZCARD', KEYS[i + 1])
  seen[#seen + 1] = redis.call('ZCARD', KEYS[i + 2])
  seen[#seen + 1] = redis.call('LRANGE', KEYS[i + 3], 0, -1)
end
return seen
"""  # one command: it is asked after every step


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
    def waiting(self) -> dict[Row, Waiting]:
        return outbox.read([part for field in self.outbox.items() for part in field])

    @property
    def is_due(self) -> bool:
        return self.due is not None and self.due <= self.now


NOTHING: Final = Seen(0, "", "", None, 0.0, {}, 0, 0, 0, 0, [], False)


def look(valkey: "redis.Redis", call: CallId) -> Seen:
    keys = [queues.call_key(call), queues.outbox_key(call), queues.STATS, queues.waiting_key(PROFILE)]
    for kind in KINDS:
        keys += [
            queues.drain_key(kind),
            queues.pending_key(kind),
            queues.schedule_key(kind),
            queues.queue_key(kind),
        ]
    (version, token), fields, stats, (seconds, micros), waits, *of_kinds = valkey.eval(
        LOOK, len(keys), *keys, call
    )
    drains = [(kind, float(due)) for kind, due in zip(KINDS, of_kinds[::4], strict=True) if due is not None]
    assert len(drains) <= 1, f"the call is in the drains {drains}"
    drain, due = drains[0] if drains else ("", None)
    accepted, applied = (int(number or 0) for number in stats)
    pushed = [(kind, job.decode()) for kind, jobs in zip(KINDS, of_kinds[3::4], strict=True) for job in jobs]
    return Seen(
        int(version or 0),
        (token or b"").decode(),
        drain,
        due,
        int(seconds) + int(micros) / 1e6,
        dict(zip(fields[::2], fields[1::2], strict=True)),
        accepted,
        applied,
        sum(of_kinds[1::4]),
        sum(of_kinds[2::4]),
        pushed,
        bool(waits),
    )


def rows_of(fields: dict[bytes, bytes]) -> list[Row]:
    return sorted(Row(int(field)) for field in fields if b"." not in field)
