"""Where `trunkline dev` leaves word of itself for the commands that speak with it: .trunkline/dev.json.

The seed signs webhooks that only this stand-in's web process takes; the file is its owner's alone all the same.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from shared.errors import ConfigError

FILE: Final = Path(".trunkline") / "dev.json"


class DevNotes(msgspec.Struct, frozen=True):
    """`seed` is base64 of the 32 bytes of an Ed25519 key."""

    web: str
    seed: str
    connection_id: str
    pid: int


def write(notes: DevNotes) -> None:
    """Below the working directory, for its owner alone. Raises ConfigError where nothing can be written."""
    try:
        FILE.parent.mkdir(mode=0o700, exist_ok=True)
        forget()
        handle = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(notes))
    except OSError as reason:
        raise ConfigError(f"trunkline dev: {FILE} cannot be written here: {reason.strerror}") from None


def read() -> DevNotes | None:
    """None where nothing, or nothing whole, was left."""
    try:
        return msgspec.json.decode(FILE.read_bytes(), type=DevNotes)
    except (OSError, msgspec.DecodeError):
        return None


def forget(pid: int | None = None) -> None:
    """Remove it; with a pid only where it is that process's own."""
    notes = read()
    if pid is None or (notes is not None and notes.pid == pid):
        with suppress(FileNotFoundError):
            FILE.unlink()
