"""The parts of a worker on the test's own event loop, wired as `python -m workers` wires them."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import redis as blocking
from redis.asyncio import Redis

from ingress.durable import DurableWrites
from ingress.group_commit import GroupCommit
from ingress.ready import DurabilityWatch
from ingress.webhook import entry_of
from shared import dialplan, queues, valkey
from shared.dialplan import HookFunction
from shared.events import read_envelope
from shared.queues import Kind
from shared.settings import Settings
from shared.telnyx import Telnyx
from tests.signing import webhook_body
from workers.archive import Archive
from workers.archive.bucket import Bucket
from workers.archive.folder import Folder
from workers.delivery.admissions import Admissions
from workers.delivery.drains import Drains
from workers.delivery.handle import Handler
from workers.delivery.plans import Plans
from workers.delivery.store import Store
from workers.engine.exchange import Exchange
from workers.engine.jobs import Desk
from workers.engine.worker import CallWorker

PATIENCE_S = 10.0  # for what takes well under a second on an idle machine
CLINIC, DESK, CALLER = "+13125550100", "+13125550111", "+12025550142"
PLAN = f"""
version = 1
timezone = "UTC"
voice = "female"
[groups.sales]
members = ["+13125550211", "+13125550212", "+13125550213"]
strategy = "simultaneous"
ring_secs = 20
[[rules]]
name = "clinic"
when = {{ to = "{CLINIC}" }}
then = {{ do = "transfer", to = "{DESK}" }}
[default]
then = {{ do = "reject" }}
"""
NOBODY = "http://127.0.0.1:1"

T = TypeVar("T")


def run(scenario: Coroutine[Any, Any, T]) -> T:
    """A whole test on one event loop; none may hang."""
    return asyncio.run(asyncio.wait_for(scenario, 3 * PATIENCE_S))


async def until(holds: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
    """Return as soon as `holds()` is true; fail with `what` when it stays false."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"still waiting after {within_s:g} s: {what}"
        await asyncio.sleep(0.01)


def loaded_plan(text: str = PLAN) -> dialplan.Loaded:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dialplan.toml"
        path.write_text(text)
        return dialplan.load(path)


class Parts(NamedTuple):
    """One worker's parts, without the engine."""

    client: Redis
    store: Store
    plans: Plans
    handler: Handler
    drains: Drains
    telnyx: Telnyx


@asynccontextmanager
async def parts(
    url: str,
    telnyx_url: str = NOBODY,
    *,
    kind: Kind = "routing",
    worker: str = "worker-a",
    drains_at_once: int = 100,
    plan: str = PLAN,
    own: str = "",
) -> AsyncIterator[Parts]:
    """`plan` is what calls begin under; `own`, where it is another, the file that bounds what goes out."""
    client = valkey.connect(Settings(redis_url=url))
    telnyx = Telnyx(telnyx_url, "the-key")
    plans = Plans(client, loaded_plan(plan))
    store = Store(client, kind, worker, history_days=7)
    drains = Drains(store, telnyx, drains_at_once, loaded_plan(own or plan).plan)
    handler = Handler(store, plans, "2900000000000000001", drains.start)
    drains.settle_with(handler.settle)
    await plans.publish()
    try:
        yield Parts(client, store, plans, handler, drains, telnyx)
    finally:
        await drains.stop(0.0)
        await telnyx.aclose()
        await client.aclose()


class Working(NamedTuple):
    """A whole worker at work."""

    worker: CallWorker
    drains: Drains
    client: Redis
    task: "asyncio.Task[None]"
    admissions: Admissions


@asynccontextmanager
async def working(
    url: str,
    telnyx_url: str = NOBODY,
    *,
    kind: Kind = "routing",
    concurrency: int = 100,
    stop_within_s: float = 20.0,
    folder: Path | None = None,
    bucket: Bucket | None = None,
    hosts: tuple[str, ...] = (),
    plan: str = PLAN,
    hooks: Mapping[str, HookFunction] = {},
) -> AsyncIterator[Working]:
    """A worker that takes jobs, until the test leaves the block or has stopped it."""
    settings = Settings(redis_url=url)
    async with AsyncExitStack() as ends:
        client, waiting = (valkey.connect(settings, command_timeout_s=s) for s in (5.0, 10.0))
        registering = valkey.connect_blocking(settings, command_timeout_s=1.0)
        for one in (client, waiting):
            ends.push_async_callback(one.aclose)
        ends.callback(registering.close)
        telnyx = Telnyx(telnyx_url, "the-key")
        archive = Archive(bucket or Folder(folder or Path("nowhere")), hosts, telnyx)
        ends.push_async_callback(telnyx.aclose)
        ends.push_async_callback(archive.aclose)
        worker = await asyncio.to_thread(
            partial(CallWorker, kind, concurrency, client, waiting, registering),
            dialplan=loaded_plan(plan).hash,
            stop_within_s=stop_within_s,
        )
        plans = Plans(client, loaded_plan(plan))
        await plans.publish()
        store = Store(client, kind, worker.name, history_days=7)
        drains = Drains(store, telnyx, concurrency, loaded_plan(plan).plan)
        admissions = Admissions(store)
        handler = Handler(store, plans, "2900000000000000001", drains.start, admissions.ask, hooks)
        drains.settle_with(handler.settle)
        task = asyncio.create_task(worker.work_until_stopped(Desk(handler, archive, hooks), drains))
        try:
            await until(lambda: worker.birth_date or task.done(), "the worker is registered")
            yield Working(worker, drains, client, task, admissions)
        finally:
            worker.stop()
            await asyncio.wait({task}, timeout=PATIENCE_S)
            await admissions.stop()
            assert task.done(), "the worker does not stop"
            task.result()


@asynccontextmanager
async def exchange(url: str, worker: str, kind: Kind = "routing") -> AsyncIterator[Exchange]:
    """What takes and finishes jobs, under a worker's name but with no worker around it."""
    client = valkey.connect(Settings(redis_url=url))
    yield Exchange(kind, client, client, worker, f"rq:worker:{worker}", f"rq:worker:{worker}:executions")
    await client.aclose()


async def accept(url: str, *bodies: bytes) -> list[str]:
    """Accept webhooks as the ingress does once they are verified; their ids."""
    client = valkey.connect(Settings(redis_url=url))
    watch = DurabilityWatch(client, "auto")
    commit = GroupCommit(DurableWrites(client, watch), watch)
    running = asyncio.create_task(commit.run())
    entries = [entry_of(read_envelope(body), time.time(), body) for body in bodies]
    await asyncio.gather(*(commit.accept(entry) for entry in entries))
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await client.aclose()
    return [entry.job_id for entry in entries]


def incoming(session: str = "session-1", to: str = CLINIC, **more: Any) -> bytes:
    """call.initiated of a caller's leg; its leg is named as its session."""
    payload = {
        "call_control_id": f"v3:{session}",
        "call_leg_id": session,
        "call_session_id": session,
        "direction": "incoming",
        "state": "parked",
        "from": CALLER,
        "to": to,
    }
    return webhook_body("call.initiated", **{**payload, **more})


def noted(session: str = "session-1") -> bytes:
    """An event that changes nothing, of a caller's leg."""
    ids = {"call_control_id": f"v3:{session}", "call_leg_id": session, "call_session_id": session}
    return webhook_body("call.dtmf.received", **ids)


class Account(NamedTuple):
    accepted: int
    applied: int
    parked: int
    pending: int

    @property
    def balanced(self) -> bool:
        return self.accepted == self.applied + self.parked + self.pending


def account(client: "blocking.Redis") -> Account:
    stats = client.hgetall(queues.STATS)
    counted = (int(stats.get(name, 0)) for name in (b"accepted", b"applied", b"parked"))
    return Account(*counted, sum(client.zcard(queues.pending_key(kind)) for kind in queues.KINDS))


async def settled(client: "blocking.Redis", applied: int, parked: int = 0) -> None:
    """Return when every accepted event is applied or parked, in these numbers."""
    wanted = Account(applied + parked, applied, parked, 0)
    deadline = time.monotonic() + PATIENCE_S
    while (seen := account(client)) != wanted:
        assert time.monotonic() < deadline, f"still {seen} instead of {wanted}"
        await asyncio.sleep(0.01)


async def idle(client: "blocking.Redis") -> None:
    """Return when a worker waits for a job."""
    await until(lambda: any(one.get("cmd") == "blmove" for one in client.client_list()), "a worker is idle")
