"""What Valkey tells of the work: the audit, what is left to do, calls and their timelines, dead letters."""

from typing import NamedTuple

import redis

from shared import calls, queues, timeline
from shared.calls import Call
from shared.ids import CallId


class Audit(NamedTuple):
    """The numbers of promise 6, read at one instant. Duplicates were acknowledged but not accepted again."""

    accepted: int
    applied: int
    parked: int
    pending: int
    duplicates: int

    @property
    def is_balanced(self) -> bool:
        return self.accepted == self.applied + self.parked + self.pending

    @property
    def lost(self) -> int:
        """Accepted events of which nothing has become, and nothing will."""
        return self.accepted - self.applied - self.parked - self.pending


class Books:
    """Reads the database of one deployment."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client

    def audit(self) -> Audit:
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hgetall(queues.STATS)
            for kind in queues.KINDS:
                pipe.zcard(queues.pending_key(kind))
            stats, *pending = pipe.execute()
        accepted, applied, parked, duplicates = (
            int(stats.get(name, 0)) for name in (b"accepted", b"applied", b"parked", b"duplicates")
        )
        return Audit(accepted, applied, parked, sum(pending), duplicates)

    def unfinished(self) -> dict[str, int]:
        """What the workers still have to do, timers aside: key -> how many."""
        lists = [key(kind) for kind in queues.KINDS for key in (queues.queue_key, queues.intermediate_key)]
        sets = [
            key(kind) for kind in queues.KINDS for key in (queues.lease_key, queues.pending_key, queues.drain_key)
        ]
        with self._client.pipeline(transaction=True) as pipe:
            for key in lists:
                pipe.llen(key)
            for key in sets:
                pipe.zcard(key)
            return {key: count for key, count in zip(lists + sets, pipe.execute(), strict=True) if count}

    def held(self) -> list[str]:
        """What some worker has in hand, or had when it died: leased jobs, and calls that it claims to send for."""
        leased = [job for kind in queues.KINDS for job in self._client.zrange(queues.lease_key(kind), 0, -1)]
        to_send = [call for kind in queues.KINDS for call in self._client.zrange(queues.drain_key(kind), 0, -1)]
        claimed = [call for call in to_send if self._client.hexists(queues.call_key(call.decode()), "token")]
        return [name.decode() for name in (*leased, *claimed)]

    def beats(self, kind: str) -> int:
        """How many workers of a kind were alive within the last hour."""
        return int(self._client.zcard(f"trunkline:beat:{kind}"))

    def is_known(self, event_id: str) -> bool:
        """Whether anything at all is kept of an event."""
        return bool(self._client.exists(queues.seen_key(event_id), queues.job_key(event_id)))

    def is_applied(self, event_id: str) -> bool:
        """Accepted, and neither pending nor parked."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.exists(queues.seen_key(event_id))
            for kind in queues.KINDS:
                pipe.zscore(queues.pending_key(kind), event_id)
                pipe.zscore(queues.failed_key(kind), event_id)
            is_seen, *waits = pipe.execute()
        return bool(is_seen) and waits == [None] * len(waits)

    def call(self, call_id: CallId) -> Call:
        record = self._client.hget(queues.call_key(call_id), "record")
        assert isinstance(record, bytes), f"no record of call {call_id}"
        return calls.decode(record)

    def calls(self) -> list[Call]:
        return [self.call(CallId(call_id.decode())) for call_id in self._client.zrange(queues.CALLS, 0, -1)]

    def events(self, call_id: CallId) -> list[timeline.EventEntry]:
        """The events that were applied to a call, timers and requests too, in their order."""
        entries = map(timeline.decode, self._client.lrange(queues.timeline_key(call_id), 0, -1))
        return [entry for entry in entries if isinstance(entry, timeline.EventEntry)]

    def dead_letters(self, kind: queues.Kind) -> dict[str, str]:
        """Parked jobs: id -> reason."""
        ids = [job_id.decode() for job_id in self._client.zrange(queues.failed_key(kind), 0, -1)]
        return {job_id: self._client.hget(queues.job_key(job_id), "exc_info").decode() for job_id in ids}
