"""Legs that are up here and not at Telnyx, and those that are up there and unknown here."""

import time
from collections.abc import Collection, Sequence

import msgspec

from shared import client_state, queues
from shared.errors import BadInput, TelnyxError
from shared.ids import ControlId, LegId, SessionId, reconciled_id
from shared.queues import Entry
from shared.reconcile import books, compare
from shared.reconcile.books import PAGE, Names
from shared.reconcile.bounds import CutShort, Run, pages, store
from shared.reconcile.compare import OLD_S, DeadLeg, Listed, OpenLeg, Up
from shared.reconcile.report import Unknown
from shared.reconcile.rows import moment
from shared.telnyx.calls import ListActiveCalls


class Legs:
    """What a run finds among Telnyx's active calls."""

    def __init__(self, run: Run) -> None:
        self.closed: list[DeadLeg] = []
        self.unknown: list[Unknown] = []
        self.suspects = 0
        self.troubles: list[str] = []
        self._run = run

    async def compare(self, ending: Collection[LegId | None]) -> None:
        """`ending` are legs whose end is on its way to their calls."""
        run = self._run
        ours = [leg async for leg in books.live_legs(run.client, run.now - OLD_S, run.limits.calls)]
        listed = await self._list(run.connections | {leg.connection for leg in ours if leg.connection is not None})
        await self._close([leg for leg in compare.missing(ours, listed, run.now) if leg.leg not in ending])
        await self._find_strangers(listed, {leg.leg for leg in ours})

    async def _list(self, connections: Collection[str]) -> Listed:
        run, legs, whole = self._run, dict[LegId, Up](), set[str]()
        for connection in sorted(connections):
            try:
                listed = run.api.list_active_calls(connection, ListActiveCalls(page_limit=PAGE))
                async for page in pages(listed, run.limits.legs, run.end):
                    legs |= {LegId(leg.call_leg_id): Up(connection, leg) for leg in page}
                whole.add(connection)
            except (TelnyxError, BadInput, CutShort) as reason:
                self.troubles.append(f"active calls of connection {connection}: {reason}")
        return Listed(legs, whole, is_all=bool(whole) and whole == set(connections))

    async def _close(self, missing: Sequence[OpenLeg]) -> None:
        """End those that were missed twice, and that Telnyx says are over."""
        run, dead = self._run, list[tuple[DeadLeg, Entry]]()
        since = await books.first_noted(run.client, queues.SUSPECTS, run.now, [leg.leg for leg in missing])
        for leg in missing:
            death = await self._look(leg, since[leg.leg]) if compare.is_due(since[leg.leg], run.now) else None
            if death is not None:
                dead.append((death, _end_of(death, run.now)))
        self.closed = await store(run.client, dead)
        self.suspects = len(missing) - len(dead)

    async def _look(self, leg: OpenLeg, missing_since: float) -> DeadLeg | None:
        """Ask for the leg itself. Telnyx knows one for 10 minutes after its end (docs: retrieve-a-call-status)."""
        if time.monotonic() > self._run.end:
            self.troubles.append("more legs are missing at Telnyx than one run can ask for")
            return None
        ended = None
        try:
            found = await self._run.api.retrieve_call(leg.control_id)
            if found.is_alive is not False:
                return None
            ended = moment(found.end_time)
        except (TelnyxError, BadInput) as reason:
            if not isinstance(reason, TelnyxError) or reason.status != 404:
                self.troubles.append(f"status of calls: {reason}")
                return None
        return compare.death(leg, ended, missing_since, self._run.now)

    async def _find_strangers(self, listed: Listed, ours: Collection[LegId]) -> None:
        run = self._run
        others = {leg: up for leg, up in listed.legs.items() if leg not in ours}
        calls = await books.calls_of(run.client, [_names(leg, up) for leg, up in others.items()])
        strangers = [leg for leg, call in zip(others, calls, strict=True) if call is None]
        since = await books.first_noted(run.client, queues.STRANGERS, run.now, strangers)
        self.unknown = [
            _unknown(leg, others[leg])
            for leg in strangers
            if compare.is_old(others[leg].told, since[leg], run.now)
        ]


def _names(leg: LegId, up: Up) -> Names:
    tag = client_state.read(up.told.client_state)
    return Names(leg, SessionId(up.told.call_session_id), tag.call if tag else None)


def _unknown(leg: LegId, up: Up) -> Unknown:
    return Unknown(ControlId(up.told.call_control_id), leg, up.connection, up.told.call_duration or 0)


def _end_of(dead: DeadLeg, now: float) -> Entry:
    job_id = reconciled_id(dead.leg, "ended")
    data = queues.job_data(queues.END_LEG, now, msgspec.json.encode(dead))
    return Entry(queues.seen_key(job_id), "1", job_id, "routing", "end_leg", data)
