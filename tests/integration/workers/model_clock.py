"""Time on Valkey, as the model has it: it stands still, and passes for one thing when the model says so.

The scripts read the server's clock, which cannot be moved, and no test may wait for 3 s. So whatever waits or is
held is put far into the future after every step, and into the past (by a ZADD, an HSET) when its time has come.
"""

from collections.abc import Callable
from typing import Final

import msgspec
import redis

from shared import queues
from shared.ids import CallId
from shared.queues import KINDS, Kind
from tests.integration.workers.model_seen import Seen

PAST, NEVER = 1.0, 4e9
OUTAGE_S: Final = 61.0  # longer than Telnyx remembers the id of a command


def stand_still(valkey: "redis.Redis", call: CallId, seen: Seen) -> None:
    """A claim is renewed, as the thread of leases does each second; a wait is not over yet."""
    if seen.due is not None and seen.now < seen.due < NEVER:
        valkey.zadd(queues.drain_key(seen.drain), {call: NEVER})
        _change(valkey, call, seen, ".next", lambda at: NEVER if at > seen.now else at)


def end_claim(valkey: "redis.Redis", call: CallId, seen: Seen) -> None:
    """As when its holder has not renewed it for 3 s."""
    valkey.zadd(queues.drain_key(seen.drain), {call: PAST}, xx=True)


def end_waits(valkey: "redis.Redis", call: CallId, seen: Seen) -> None:
    """The next try of every command is due."""
    end_claim(valkey, call, seen)
    _change(valkey, call, seen, ".next", lambda _: PAST)


def outlast_memory(valkey: "redis.Redis", call: CallId, seen: Seen) -> None:
    """Every first try was a minute ago."""
    _change(valkey, call, seen, ".first", lambda at: at - OUTAGE_S)


def take_due(valkey: "redis.Redis", call: CallId, timer: tuple[str, int]) -> tuple[Kind, str, bytes]:
    """Kind, id and data of the job of a timer, which leaves the schedule as by the sweep."""
    wanted = msgspec.msgpack.encode((call, *timer))
    for kind in KINDS:
        for name in valkey.zrange(queues.schedule_key(kind), 0, -1):
            data = valkey.hget(queues.job_key(name.decode()), "data")
            if queues.MsgpackSerializer.loads(data)[2][2] == wanted:
                valkey.zrem(queues.schedule_key(kind), name)
                return kind, name.decode(), data
    raise AssertionError(f"timer {timer} is not scheduled")


def _change(
    valkey: "redis.Redis", call: CallId, seen: Seen, ending: str, change: Callable[[float], float]
) -> None:
    """Change the times of this kind in the outbox."""
    times = {field: float(at) for field, at in seen.outbox.items() if field.endswith(ending.encode())}
    if times:
        valkey.hset(queues.outbox_key(call), mapping={field: change(at) for field, at in times.items()})
