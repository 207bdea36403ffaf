"""Where `trunkline dev` leaves word of itself for the commands that speak with it: .trunkline/dev.json.

With it the commands need no environment while dev runs in their folder: they are about what dev has started.
The seed signs webhooks that only this stand-in's web process takes; the file is its owner's alone all the same.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from shared.errors import ConfigError

FILE: Final = Path(".trunkline") / "dev.json"
LENT: Final = (
    *("REDIS_URL", "TELNYX_API_KEY", "TELNYX_BASE_URL", "TELNYX_PUBLIC_KEY", "TELNYX_CONNECTION_ID"),
    *("RECORDINGS_URL", "RECORDING_HOSTS"),
)


class DevNotes(msgspec.Struct, frozen=True):
    """`control` is the stand-in's, `seed` base64 of the 32 bytes of an Ed25519 key, `env` what LENT names."""

    web: str
    control: str
    seed: str
    env: dict[str, str]
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


def environment(env: Mapping[str, str]) -> Mapping[str, str]:
    """`env`, or where it names neither a server nor an account, with those of the dev that runs in this folder."""
    notes = read()
    if notes is None or not is_running(notes) or env.get("REDIS_URL") or env.get("TELNYX_API_KEY"):
        return env
    return {**env, **notes.env}


def is_running(notes: DevNotes) -> bool:
    """One that was killed has left its notes."""
    try:
        os.kill(notes.pid, 0)
    except OSError:
        return False
    return True


def forget(pid: int | None = None) -> None:
    """Remove it; with a pid only where it is that process's own."""
    notes = read()
    if pid is None or (notes is not None and notes.pid == pid):
        with suppress(FileNotFoundError):
            FILE.unlink()
