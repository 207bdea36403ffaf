"""The web process: `python -m ingress`."""

import asyncio
import os
import signal
import sys
from types import FrameType
from typing import Final

import uvicorn
from redis.asyncio import Redis
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from console import metrics_page
from ingress.app import build_app
from ingress.http_protocol import GuardedProtocol
from shared import dialplan, faults, log, valkey
from shared.dialplan import Plan
from shared.errors import ConfigError
from shared.settings import Settings

LOOK_FOR_REDIS_S: Final = 1.0
STOP_WITHIN_S: Final = 3


def create_app() -> ASGIApp:
    """What each server process runs. Raises ConfigError, which `main` has ruled out for all of them."""
    settings = Settings.for_ingress(os.environ)
    log.configure(settings.log_level, settings.log_format, process="web")
    faults.arm(settings.faults)
    loaded = dialplan.load(settings.dialplan)
    return build_app(settings, loaded, lambda client: _pages(settings, loaded.plan, client))


def _pages(settings: Settings, plan: Plan, client: Redis) -> list[BaseRoute]:
    """What an operator sees with CONSOLE_PASSWORD; without one there is nothing to see."""
    if not settings.console_password:
        return []
    from console import web  # noqa: PLC0415 - Jinja and what explains calls: memory only where there is a page

    password = settings.console_password
    return [metrics_page.route(client, password), *web.routes(client, plan, password)]


def main() -> int:
    """Serve until SIGTERM, and return 0; or 2, after one line on stderr, when it cannot run as configured."""
    signal.signal(signal.SIGTERM, _exit)  # uvicorn takes it while it serves, and raises it again at its end
    try:
        settings = Settings.for_ingress(os.environ)
        log.configure(settings.log_level, settings.log_format, process="web")
        for warning in dialplan.warnings(dialplan.load(settings.dialplan).plan):
            log.log.warning("dialplan", text=warning)
        asyncio.run(_refuse_cluster_mode(settings))
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for whoever started it: one line, not a log record
        return 2
    _serve(settings)
    return 0


async def _refuse_cluster_mode(settings: Settings) -> None:
    """Raises ConfigError. Without a server the process starts all the same, and keeps looking for it."""
    client = valkey.connect(settings)
    try:
        async with asyncio.timeout(LOOK_FOR_REDIS_S):
            await valkey.wait_until_up(client)
    except TimeoutError:
        return
    finally:
        await client.aclose()


def _serve(settings: Settings) -> None:
    uvicorn.run(
        "ingress.__main__:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.web_concurrency,
        loop="uvloop",
        http=GuardedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # X-Forwarded-For is not trusted
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )


def _exit(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
