"""Runs of the reconciliation at a time that is told, against the stand-in or a server of the test's own."""

import time
from contextlib import asynccontextmanager

import msgspec

from shared import calls, queues
from shared.reconcile import Report, reconcile
from shared.settings import Settings
from shared.telnyx import Api, Telnyx
from shared.valkey import connect
from tests.integration.workers.bench import CLINIC, accept, until

OURS = "2900000000000000001"
LATER = 200.0  # so that whatever is there is older than two minutes


@asynccontextmanager
async def looking(url, telnyx_url):
    """What a run needs: `look(after_s)` is one that begins so much later."""
    client = connect(Settings(redis_url=url))
    telnyx_client = Telnyx(telnyx_url, "key")
    began = time.time()

    async def look(after_s: float, **more) -> Report:
        return await reconcile(client, Api(telnyx_client), {OURS}, began + after_s, began - 3600, **more)

    try:
        yield look
    finally:
        await telnyx_client.aclose()
        await client.aclose()


def webhooks(sim):
    """The bodies that Telnyx would have sent so far, in order, by their type."""
    rows = sim.api.get("/call_events", params={"filter[type]": "webhook", "page[size]": 250}).json()["data"]
    return [(row["name"], msgspec.json.encode({"data": row["metadata"]["event"]})) for row in rows]


def commands(sim):
    return [entry["verb"] for entry in sim.get("ledger")]


async def until_told(sim, event_type):
    """The body of the first webhook of a type, as soon as it would be sent."""
    await until(lambda: event_type in [name for name, _ in webhooks(sim)], event_type)
    return dict(reversed(webhooks(sim)))[event_type]


async def ring(sim, url):
    """A call comes in, and its call.initiated arrives."""
    ccid = sim.ring_in(to=CLINIC)
    await accept(url, await until_told(sim, "call.initiated"))
    return ccid


def only_record(client):
    (call,) = client.zrange(queues.CALLS, 0, -1)
    return calls.decode(client.hget(queues.call_key(call.decode()), "record"))


def found(report):
    return {name: len(getattr(report, name)) for name in ("closed", "fed", "missed", "unknown")} | {
        "suspects": report.suspects
    }


NOTHING = {"closed": 0, "fed": 0, "missed": 0, "unknown": 0, "suspects": 0}
