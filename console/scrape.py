"""What /metrics tells beside the counts: read from the books at each scrape, in O(1) or bounded scripts."""

from redis.asyncio import Redis

from console import audit, queues
from console.audit import Account
from console.exposition import text
from shared import queues as names


async def scrape(client: Redis) -> str:
    """The page. Raises redis.exceptions.RedisError."""
    _, standings = await queues.stand(client)
    account = await audit.take(client)
    pipe = client.pipeline(transaction=False)
    pipe.zcard(names.ALIVE)
    pipe.llen(names.PARKED)
    pipe.hget(names.RECONCILED, "at")
    alive, broken, reconciled_at = await pipe.execute()
    values = _account(account)
    for kind, now in standings.items():
        for name, number in (
            ("queue_depth", now.depth),
            ("queue_oldest_seconds", now.oldest_s),
            ("jobs_in_flight", now.in_flight),
            ("jobs_scheduled", now.scheduled),
            ("calls_sending", now.to_send),
            ("dead_letters", now.dead),
            ("workers_live", now.live),
        ):
            values.setdefault(name, {})[kind,] = number
    values["calls_live"] = {(): alive}
    values["dead_letters_broken"] = {(): broken}
    values["reconcile_timestamp_seconds"] = {(): float(reconciled_at or 0)}
    return text(await queues.totals(client), values)


def _account(account: Account) -> dict[str, dict[tuple[str, ...], float]]:
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
