"""Every minute one worker of the fleet reconciles: whichever gets there first. There is no leader."""

import asyncio
from collections.abc import Iterable
from typing import Final

from redis.asyncio import Redis

from shared import queues
from shared.log import log
from shared.reconcile import Report, reconcile
from shared.telnyx import Api, Telnyx

EVERY_S: Final = 60.0
TURN_S: Final = 50.0  # longer than a run may take, shorter than the pause: the same worker may have the next turn
FIRST_S: Final = 2 * 3600.0  # how far back the first run looks, and one after a long outage
TOLD: Final = 20  # of each kind of finding, one by one; `trunkline reconcile` has them all
LATE_S: Final = 60.0  # what Telnyx may need to put an event on record


class Reconciling:
    """Reconciles for a fleet, as one of its workers."""

    def __init__(self, client: Redis, telnyx: Telnyx, connections: Iterable[str]) -> None:
        self._client = client
        self._api = Api(telnyx)
        self._connections = frozenset(connections)

    async def after_a_minute(self) -> None:
        """Not at once: a fleet that has just started has a backlog to apply, which would look like losses."""
        await asyncio.sleep(EVERY_S)
        seconds, microseconds = await self._client.time()
        await self.turn(seconds + microseconds / 1e6)

    async def turn(self, now: float) -> Report | None:
        """Reconcile, unless another worker has this turn. Raises redis.exceptions.RedisError, Unavailable."""
        if not await self._client.set(queues.RECONCILING, "1", nx=True, px=int(TURN_S * 1000)):
            return None
        upto = float(await self._client.hget(queues.RECONCILED, "upto") or 0)
        since = max(now - FIRST_S, upto - LATE_S)
        report = await reconcile(self._client, self._api, self._connections, now, since)
        if report.upto > upto:
            await self._client.hset(queues.RECONCILED, "upto", report.upto)
        _tell(report)
        return report


def _tell(report: Report) -> None:
    found = {name: len(getattr(report, name)) for name in ("closed", "fed", "missed", "unknown")}
    if any(found.values()):
        log.warning("reconciled", **found, suspects=report.suspects)
    for dead in report.closed[:TOLD]:
        log.warning("reconciled_leg_closed", call=dead.call, leg=dead.leg)
    for fed in report.fed[:TOLD]:
        log.warning("reconciled_event_fed", event_type=fed.event, call=fed.call, leg=fed.leg)
    for missed in report.missed[:TOLD]:
        log.error("reconciled_call_missed", leg=missed.leg)
    for unknown in report.unknown[:TOLD]:
        log.warning("reconciled_leg_unknown", leg=unknown.leg, call_control_id=unknown.call_control_id)
    for trouble in report.troubles:
        log.warning("reconciling_incomplete", reason=trouble)
