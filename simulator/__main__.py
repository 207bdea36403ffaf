"""`python -m simulator`: arguments, the listening socket, one line of JSON that says where it is."""

import argparse
import os
import socket
import sys
import threading
from types import FrameType
from typing import NoReturn

import msgspec
import uvicorn

from simulator.app import build_app
from simulator.exchange import Options
from simulator.faults import chaos_plan
from simulator.loopback import check_host, check_webhook_url
from simulator.sign import Signer
from simulator.silence import CuttableProtocol

_KEEP_ALIVE_S = 75
"""Longer than any client's own limit, so that an idle connection is closed by the client, not under it."""


class OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and exit code 2, as every process of the house does for bad input."""
        self.exit(2, f"simulator: {message}\n")


def build_parser() -> OneLineParser:
    parser = OneLineParser(prog="python -m simulator", description="A stand-in for Telnyx on loopback.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=0, type=int, help="0: any free one")
    parser.add_argument("--webhook-url")
    parser.add_argument("--failover-url")
    parser.add_argument("--connection-id", default="2900000000000000001")
    parser.add_argument("--dedupe-secs", default=60.0, type=float, help="memory of command ids; 0: none")
    parser.add_argument("--chaos", default="", help="dup,reorder,drop,5xx,slow,silence,reset")
    parser.add_argument("--seed", type=int, help="makes the faults repeatable")
    parser.add_argument("--adopt", action="store_true", help="take commands for calls it never placed")
    parser.add_argument("--speed", default=1.0, type=float, help="divides every duration and retry pause")
    parser.add_argument("--private-key", metavar="BASE64SEED")
    parser.add_argument("--die-with-parent", action="store_true", help="end when standard input closes")
    return parser


def read_options(arguments: argparse.Namespace, base_url: str) -> Options:
    """Raises ValueError with the line to print."""
    if not (arguments.speed > 0 and arguments.dedupe_secs >= 0):  # so said, it refuses "nan" too
        raise ValueError("--speed must be above 0 and --dedupe-secs not below 0")
    if arguments.failover_url and not arguments.webhook_url:
        raise ValueError("--failover-url needs --webhook-url")
    try:
        signer = Signer.from_seed(arguments.private_key)
    except ValueError:
        raise ValueError("--private-key must be base64 of 32 bytes") from None
    urls = filter(None, (arguments.webhook_url, arguments.failover_url))
    return Options(
        connection_id=arguments.connection_id,
        base_url=base_url,
        signer=signer,
        webhook_urls=[check_webhook_url(url) for url in urls],
        dedupe_s=arguments.dedupe_secs,
        faults=chaos_plan(arguments.chaos, arguments.seed),
        adopt=arguments.adopt,
        speed=arguments.speed,
    )


def listen(host: str, port: int) -> tuple[socket.socket, str]:
    """A bound socket and its base URL. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    shown = f"[{host}]" if ":" in host else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}"


class Server(uvicorn.Server):
    """uvicorn, with a line on stdout once it listens and an end without ceremony."""

    ready_line: bytes = b""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.buffer.write(self.ready_line + b"\n")
        sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        end()


def end() -> NoReturn:
    # There is nothing to save, and an open connection (a silence fault holds one for 10 s) must not delay it.
    os._exit(0)


def end_with_stdin() -> None:
    # os.read, not sys.stdin: a thread blocked in the buffered reader makes the interpreter abort at its end.
    while os.read(0, 4096):
        pass
    end()


def main() -> None:
    parser = build_parser()
    arguments = parser.parse_args()
    try:
        listener, base_url = listen(check_host(arguments.host), arguments.port)
        options = read_options(arguments, base_url)
    except (ValueError, OSError, OverflowError) as error:
        parser.error(str(error))
    server = Server(
        uvicorn.Config(
            build_app(options),
            loop="uvloop",
            http=CuttableProtocol,
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
        )
    )
    addresses = {"url": f"{base_url}/v2", "control": f"{base_url}/_sim", "public_key": options.signer.public_key}
    server.ready_line = msgspec.json.encode(addresses)
    if arguments.die_with_parent:
        threading.Thread(target=end_with_stdin, daemon=True).start()
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
