"""`python -m workers KIND`: one worker process. `python -m workers --check KIND`: is a live one there?"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from functools import partial

import uvloop
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared import dialplan, faults, hooks, log, queues, valkey
from shared.cancelling import cancel_all
from shared.dialplan import HookFunction, Loaded
from shared.errors import ConfigError
from shared.flush import Flush
from shared.queues import Kind
from shared.settings import Settings
from shared.telnyx import Telnyx
from workers.archive import DELETE_AGAIN_S, Archive
from workers.delivery.admissions import EVERY_S as ADMIT_EVERY_S
from workers.delivery.admissions import Admissions
from workers.delivery.drains import Drains
from workers.delivery.handle import Handler
from workers.delivery.plans import PUBLISH_AGAIN_S, Plans
from workers.delivery.store import Store
from workers.engine.background import for_ever
from workers.engine.exchange import IDLE_WAIT_S
from workers.engine.jobs import Desk
from workers.engine.leases import TIMEOUT_S as RENEWAL_TIMEOUT_S
from workers.engine.worker import CallWorker
from workers.reconcile import Reconciling


def main() -> int:
    """Returns the exit code: 0 done, 1 no live worker (--check), 2 bad usage or configuration."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("kind", choices=queues.KINDS)
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"exit 0 when a live worker of the kind beat within {queues.ALIVE_S:g} s",
    )
    arguments = parser.parse_args()
    try:
        if arguments.check:
            settings = Settings.for_console(os.environ, required=("REDIS_URL",))
            return asyncio.run(_check(settings, arguments.kind))
        settings = Settings.for_worker(os.environ)
        log.configure(settings.log_level, settings.log_format, process=arguments.kind)
        faults.arm(settings.faults)
        uvloop.run(_work(settings, arguments.kind))
    except ConfigError as reason:
        print(reason, file=sys.stderr)  # noqa: T201 - one line for the operator, before any logging
        return 2
    return 0


async def _work(settings: Settings, kind: Kind) -> None:
    """Everything that lives as long as the process, from its start to its end."""
    loaded = dialplan.load(settings.dialplan)
    client = valkey.connect(settings)
    waiting = valkey.connect(settings, command_timeout_s=IDLE_WAIT_S + valkey.COMMAND_TIMEOUT_S)
    telnyx = Telnyx(settings.telnyx_base_url, settings.telnyx_api_key)
    archive = Archive.from_settings(settings, telnyx)
    plans = Plans(client, loaded)
    starting = asyncio.create_task(_start(settings, kind, client, waiting, plans))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _stop, starting)
    with contextlib.suppress(asyncio.CancelledError):
        worker = await starting
        if starting.cancelling():  # it missed its cancellation, see shared.cancelling
            worker.stop()
        await _run(worker, settings, loaded, client, telnyx, archive, plans)
    for closing in (archive, telnyx, waiting, client):
        await closing.aclose()


async def _run(
    worker: CallWorker,
    settings: Settings,
    loaded: Loaded,
    client: Redis,
    telnyx: Telnyx,
    archive: Archive,
    plans: Plans,
) -> None:
    """Wire the worker's parts to each other, and let it work until it is stopped."""
    store = Store(client, worker.kind, worker.name, settings.history_days)
    drains = Drains(store, telnyx, settings.worker_concurrency, loaded.plan)
    admissions = Admissions(store)
    functions = _hooks(settings, loaded)
    handler = Handler(store, plans, settings.connection_id, drains.start, admissions.ask, functions)
    drains.settle_with(handler.settle)
    await telnyx.warm()
    flush = Flush(client)
    ours = dialplan.connections(loaded.plan) | ({settings.connection_id} - {""})
    works = [
        ("publishing", plans.publish, PUBLISH_AGAIN_S),
        ("counting", flush.run, 0.0),
        ("reconciling", Reconciling(client, telnyx, ours).after_a_minute, 0.0),
    ]
    if worker.kind == "recording":
        works.append(("deleting recordings", archive.delete_due, DELETE_AGAIN_S))
    if worker.kind == "routing":
        works.append(("admitting", admissions.sweep, ADMIT_EVERY_S))
    beside = [asyncio.create_task(for_ever(*work)) for work in works]
    await worker.work_until_stopped(Desk(handler, archive, functions), drains)
    await admissions.stop()
    await cancel_all(beside)
    await flush.last()


def _hooks(settings: Settings, loaded: Loaded) -> dict[str, HookFunction]:
    """A hook that is missing here was refused at the release: a worker goes on, and its calls go to [default]."""
    found = hooks.load((name for _, name in dialplan.hook_names(loaded.plan)), settings.dialplan.parent)
    for name, fault in found.faults.items():
        log.log.error("hook_missing", hook=name, reason=fault)
    return found.functions


async def _start(settings: Settings, kind: Kind, client: Redis, waiting: Redis, plans: Plans) -> CallWorker:
    """A worker, as soon as Valkey is up: it may go away at any moment, this one too. Raises ConfigError."""
    registering = valkey.connect_blocking(settings, command_timeout_s=RENEWAL_TIMEOUT_S)
    while True:
        await valkey.wait_until_up(client)
        try:
            await plans.publish()
            start = partial(CallWorker, kind, settings.worker_concurrency, client, waiting, registering)
            return await asyncio.to_thread(start, dialplan=plans.current)
        except (RedisError, OSError) as reason:
            log.log.warning("start_failed", reason=type(reason).__name__, doing="trying again")
            await asyncio.sleep(0.2)


def _stop(starting: "asyncio.Task[CallWorker]") -> None:
    """SIGTERM: a worker that has not begun need not end."""
    if not starting.done():
        starting.cancel()
    elif not starting.cancelled() and starting.exception() is None:
        starting.result().stop()


async def _check(settings: Settings, kind: Kind) -> int:
    """The exit code of --check: whether a live worker of the kind has beaten."""
    client = valkey.connect(settings)
    try:
        seconds, microseconds = await client.time()
        since = seconds + microseconds / 1e6 - queues.ALIVE_S
        return 0 if await client.zcount(queues.beat_key(kind), since, "+inf") else 1
    except (RedisError, OSError) as reason:
        print(f"REDIS_URL does not answer: {reason}", file=sys.stderr)  # noqa: T201 - for the operator
        return 1
    finally:
        await client.aclose()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a thread of obstore that comes back while Python takes itself apart would abort the process
