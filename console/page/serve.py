"""`trunkline page`: the operator's page alone, on this machine."""

import argparse
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
from starlette.routing import Router

from console import web
from console.options import whole_number
from console.page.visit import ROOT
from shared import dialplan, log, valkey
from shared.dialplan import Plan
from shared.errors import ConfigError
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
    with _listener(arguments.port) as listener:
        log.configure(settings.log_level, settings.log_format, process="page")
        config = uvicorn.Config(
            _app(settings, plan),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        print(f"http://{HOST}:{arguments.port}{ROOT}  any user, the password of CONSOLE_PASSWORD", flush=True)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listener(port: int) -> socket.socket:
    """Raises ConfigError for a port that is taken."""
    try:
        return socket.create_server((HOST, port))
    except OSError as reason:
        why = os.strerror(reason.errno or 0)
        raise ConfigError(
            f"trunkline page: no port {port} of {HOST} ({why}): name another one by --port"
        ) from None


def _app(settings: Settings, plan: Plan) -> Router:
    client = valkey.connect(settings)

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        yield
        await client.aclose()

    return Router(web.routes(client, plan, settings.console_password), redirect_slashes=False, lifespan=lifespan)
