"""The Valkey that a contest runs on: its own, and durable as production should be."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console import embedded


@contextmanager
def valkey() -> Iterator[tuple[str, Path]]:
    """A context: the URL of a server that syncs before it answers, and a folder. At its end both are gone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = embedded.start(folder / "valkey")
        try:
            yield f"{server.connection_url}/0", folder
        finally:
            server.stop()
