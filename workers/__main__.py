"""`python -m workers KIND`: one worker process. `python -m workers --check KIND`: is a live one there?"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys

import uvloop
from redis.exceptions import RedisError

from shared import dialplan, faults, log, queues, valkey
from shared.errors import ConfigError
from shared.queues import Kind
from shared.settings import Settings
from shared.telnyx import Telnyx
from workers.archive import Archive
from workers.delivery.drains import Drains
from workers.delivery.handle import Handler
from workers.delivery.plans import Plans
from workers.delivery.store import Store
from workers.engine.jobs import Desk
from workers.engine.worker import IDLE_WAIT_S, CallWorker

ALIVE_S = 5.0  # a worker beats every second


def main() -> int:
    """Returns the exit code: 0 done, 1 no live worker (--check), 2 bad usage or configuration."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("kind", choices=queues.KINDS)
    parser.add_argument(
        "--check", action="store_true", help="exit 0 when a live worker of the kind beat within 5 s"
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
    plan = dialplan.load(settings.dialplan)
    client = valkey.connect(settings)
    waiting = valkey.connect(settings, command_timeout_s=IDLE_WAIT_S + valkey.COMMAND_TIMEOUT_S)
    telnyx = Telnyx(settings.telnyx_base_url, settings.telnyx_api_key)
    archive = Archive.from_settings(settings, telnyx)
    loop = asyncio.get_running_loop()
    starting = asyncio.create_task(valkey.wait_until_up(client))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, starting.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await starting
        registering = valkey.connect_blocking(settings)
        worker = await asyncio.to_thread(
            CallWorker, kind, settings.worker_concurrency, client, waiting, registering
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.stop)
        plans = Plans(client, plan)
        await plans.publish()
        store = Store(client, kind, worker.name, settings.history_days)
        drains = Drains(store, telnyx)
        handler = Handler(store, plans, settings.connection_id, drains.start)
        drains.settle_with(handler.settle)
        await telnyx.warm()
        await worker.work_until_stopped(Desk(handler, archive), drains)
    await archive.aclose()
    await telnyx.aclose()
    await waiting.aclose()
    await client.aclose()


async def _check(settings: Settings, kind: Kind) -> int:
    client = valkey.connect(settings)
    try:
        seconds, microseconds = await client.time()
        since = seconds + microseconds / 1e6 - ALIVE_S
        return 0 if await client.zcount(queues.beat_key(kind), since, "+inf") else 1
    except (RedisError, OSError) as reason:
        print(f"REDIS_URL does not answer: {reason}", file=sys.stderr)  # noqa: T201 - for the operator
        return 1
    finally:
        await client.aclose()


if __name__ == "__main__":
    sys.exit(main())
