"""One run: Telnyx's call events and active calls, held against our own calls.

What is mended is stored as the web process stores an event, once by its id, and applied by the workers. So a run
commits nothing itself, two runs at once do no harm, and the account of accepted events adds up as before.
"""

import time
from collections.abc import Iterable
from typing import Final

from redis.asyncio import Redis

from shared.reconcile import books
from shared.reconcile.bounds import Limits, Run
from shared.reconcile.legs import Legs
from shared.reconcile.lost import Lost
from shared.reconcile.report import Report
from shared.telnyx import Api

LIMITS: Final = Limits()


async def reconcile(
    client: Redis, api: Api, connections: Iterable[str], now: float, since: float, limits: Limits = LIMITS
) -> Report:
    """Compare, and mend. `now` is the server's time and `since` where events begin to count, in Unix seconds.

    `connections` are ours by name; those of our live calls are looked at as well. Raises Unavailable,
    redis.exceptions.RedisError. Events come first: a hangup on record says more than that its leg is gone.
    """
    run = Run(client, api, frozenset(connections), now, time.monotonic() + limits.within_s, limits)
    lost, legs = Lost(run), Legs(run)
    await lost.find(since)
    await legs.compare(ending={fed.leg for fed in lost.fed if fed.event == "call.hangup"})
    missed = await books.note_missed(client, now, lost.missed.keys())
    found = {"closed": len(legs.closed), "fed": len(lost.fed), "missed": missed}
    await books.count(client, now, found, len(legs.unknown))
    return Report(
        closed=tuple(legs.closed),
        fed=tuple(lost.fed),
        missed=tuple(lost.missed.values()),
        unknown=tuple(legs.unknown),
        suspects=legs.suspects,
        troubles=tuple(dict.fromkeys((*lost.troubles, *legs.troubles))),
        upto=lost.upto,
    )
