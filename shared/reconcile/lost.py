"""Events that Telnyx has on record and we have never seen: fed in as if they had come, or reported.

A call that would begin with one is reported, never fed: its caller has long been refused or has gone.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from redis.asyncio import Redis

from shared import client_state, events
from shared.enqueue import entry_of
from shared.errors import BadInput, TelnyxError
from shared.ids import CallId, LegId
from shared.numbers import masked
from shared.queues import Entry
from shared.reconcile import books
from shared.reconcile.books import PAGE, Names
from shared.reconcile.bounds import CutShort, Run, pages, store
from shared.reconcile.compare import OLD_S
from shared.reconcile.report import Fed, Missed
from shared.reconcile.rows import Row, begins_a_call, initiated, lacks, read_row, webhook_of
from shared.telnyx.call_events import ListCallEvents


class Lost:
    """What a run finds among Telnyx's call events."""

    def __init__(self, run: Run) -> None:
        self.fed: list[Fed] = []
        self.missed: dict[LegId, Missed] = {}
        self.troubles: list[str] = []
        self.upto = 0.0  # all older events were compared; 0 where that cannot be said
        self._run = run

    async def find(self, since: float) -> None:
        """Events of `since` (Unix seconds) and later, within half of the run's time: the legs need the other."""
        run = self._run
        from_ = datetime.fromtimestamp(since, UTC).isoformat()
        asked = ListCallEvents(type="webhook", occurred_at_gte=from_, page_size=PAGE)
        end = run.end - run.limits.within_s / 2
        times: list[float] = []
        try:
            async for page in pages(run.api.list_call_events(asked), run.limits.events, end):
                rows = [row for one in page if (row := read_row(one)) is not None]
                times += (row.at for row in rows)
                await self._feed([row for row in rows if since <= row.at <= run.now - OLD_S])
        except (TelnyxError, BadInput) as reason:
            self.troubles.append(f"call events: {reason}")
            return
        except CutShort as reason:
            self.troubles.append(f"call events: {reason}")
            if times[:1] < times[-1:]:  # the oldest came first: the next run can go on from here
                self.upto = min(times[-1], run.now - OLD_S)
                return
        self.upto = run.now - OLD_S

    async def _feed(self, rows: Sequence[Row]) -> None:
        client = self._run.client
        unseen = await books.unseen(client, {row.envelope.id for row in rows if row.envelope})
        fresh = [row for row in rows if row.envelope is None or row.envelope.id in unseen]
        calls = await books.calls_of(client, [_names(row) for row in fresh])
        lost: list[tuple[Fed, Entry]] = []
        for row, call in zip(fresh, calls, strict=True):
            if begins_a_call(row):
                self._note_missed(row)
            elif call is not None and (entry := await _entry(client, row, call, self._run.now)) is not None:
                lost.append((Fed(call, row.leg, row.name, row.at), entry))
        lost.sort(key=_hangups_first)
        self.fed += await store(client, lost)

    def _note_missed(self, row: Row) -> None:
        if row.envelope is None or row.leg is None:
            return
        connection, ours = row.envelope.ids.connection_id, self._run.connections
        if connection is None or not ours or connection in ours:
            begun = initiated(row.envelope)
            numbers = masked(begun.from_ or ""), masked(begun.to or "")
            self.missed[row.leg] = Missed(row.leg, row.at, *numbers)


def _hangups_first(found: tuple[Fed, Entry]) -> bool:
    """So that nobody is rung for a caller who has gone."""
    return found[0].event != "call.hangup"


async def _entry(client: Redis, row: Row, call: CallId, now: float) -> Entry | None:
    """The event as a job; None where only its name is known, and our record has what it says."""
    if row.envelope is not None and row.body is not None:
        return entry_of(row.envelope, now, row.body)
    record = await books.record(client, call)
    leg = record.legs.get(row.leg) if record and row.leg else None
    if leg is None or leg.control_id is None or row.leg is None or not lacks(leg, row):
        return None
    body = webhook_of(row.leg, leg, row)
    return entry_of(events.read_envelope(body), now, body)


def _names(row: Row) -> Names:
    tag = client_state.read(row.envelope.ids.client_state) if row.envelope else None
    return Names(row.leg, row.session, tag.call if tag else None)
