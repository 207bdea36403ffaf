"""`trunkline page`: the operator's page alone, on this machine."""

import argparse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
from starlette.routing import Router

from console import web
from console.options import whole_number
from console.page.visit import ROOT
from shared import dialplan, log, valkey
from shared.settings import Settings

HOST: Final = "127.0.0.1"  # a password over plain HTTP is for this machine alone
PORT: Final = 8001


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=whole_number(1, 65535, "port"), default=PORT, help="of 127.0.0.1 (default %(default)s)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Serve until SIGTERM or Ctrl-C. Raises ConfigError."""
    settings = Settings.for_console(env, required=("REDIS_URL", "CONSOLE_PASSWORD"))
    plan = dialplan.load(settings.dialplan).plan
    log.configure(settings.log_level, settings.log_format, process="page")
    client = valkey.connect(settings)

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        yield
        await client.aclose()

    app = Router(web.routes(client, plan, settings.console_password), redirect_slashes=False, lifespan=lifespan)
    print(f"http://{HOST}:{arguments.port}{ROOT}  any user, the password of CONSOLE_PASSWORD", flush=True)
    uvicorn.run(
        app,
        host=HOST,
        port=arguments.port,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return 0
