"""What /metrics tells: the fleet's counts, and how everything stands, read at each scrape in bounded scripts."""

from collections.abc import Callable, Mapping

from redis.asyncio import Redis

from console import overview, queues
from console.audit import Account
from console.exposition import Values, text
from console.queues import Standing
from shared import queues as names
from shared.queues import Kind


async def scrape(client: Redis) -> str:
    """The page. Raises redis.exceptions.RedisError."""
    now = await overview.read(client)
    reconciled_at = await client.hget(names.RECONCILED, "at")
    values: Values = {
        **_account(now.account),
        **_queues(now.standings),
        "calls_live": {(): now.live_calls},
        "dead_letters_broken": {(): now.broken},
        "reconcile_timestamp_seconds": {(): float(reconciled_at or 0)},
    }
    return text(await queues.totals(client), values)


def _queues(standings: Mapping[Kind, Standing]) -> Values:
    def of_each(number: Callable[[Standing], float]) -> Mapping[tuple[str, ...], float]:
        return {(kind,): number(now) for kind, now in standings.items()}

    return {
        "queue_depth": of_each(lambda now: now.depth),
        "queue_oldest_seconds": of_each(lambda now: now.oldest_s),
        "jobs_in_flight": of_each(lambda now: now.in_flight),
        "jobs_scheduled": of_each(lambda now: now.scheduled),
        "calls_sending": of_each(lambda now: now.to_send),
        "dead_letters": of_each(lambda now: now.dead),
        "workers_live": of_each(lambda now: now.live),
    }


def _account(account: Account) -> Values:
    return {
        "events_accepted_total": {(): account.accepted},
        "events_applied_total": {(): account.applied},
        "events_duplicate_total": {(): account.duplicates},
        "events_quarantined_total": {(): account.quarantined},
        "events_parked": {(): account.parked},
        "events_pending": {(): account.pending},
        "audit_balanced": {(): account.balanced},
        "reconcile_findings_total": {
            ("closed",): account.closed,
            ("fed",): account.fed,
            ("missed",): account.missed,
        },
        "reconcile_unknown_legs": {(): account.unknown},
    }
