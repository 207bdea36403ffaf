"""The folder of recordings: a file is there whole, with its metadata beside it, or not at all.

Everything here blocks and is called in threads. Raises OSError where the folder takes nothing.
"""

import errno
import hashlib
import os
import re
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from shared.errors import ConfigError

STALE_S: Final = 600.0  # a download ends within two minutes: an older part is a killed worker's
PRIVATE: Final = 0o600  # recordings are people's voices
_PART: Final = re.compile(r"[A-Za-z0-9_-]+\.[0-9a-f]{16}\.(?:json\.)?part")


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """`<recording id>.json`. `source` is a host alone: the rest of a link is a key to the file."""

    recording_id: str
    call: str
    format: str
    channels: str
    started_at: str
    ended_at: str
    length: int  # bytes
    sha256: str
    source: str
    fetched_at: str


def folder_at(recordings_url: str) -> Path:
    """The folder that RECORDINGS_URL names. Raises ConfigError."""
    parts = urlsplit(recordings_url)
    if parts.scheme == "s3":
        raise ConfigError("RECORDINGS_URL: s3:// is not supported yet; use a folder, like file:///var/recordings")
    path = ("" if parts.netloc == "localhost" else parts.netloc) + unquote(parts.path)
    odd = parts.netloc not in {"", ".", "localhost"} or parts.query or parts.fragment
    if not recordings_url.startswith("file://") or odd or "\0" in path:
        raise ConfigError(
            f"RECORDINGS_URL={recordings_url!r} is not a folder; use file:///var/recordings or file://./recordings"
        )
    return Path(path)


class Part:
    """A download in the making, under a name that no other has.

    Locked, since a cancelled job leaves its last write running in a thread: `discard` comes after it and wins.
    """

    def __init__(self, folder: Path, recording_id: str) -> None:
        self._folder = folder
        stem = f"{recording_id}.{secrets.token_hex(8)}"
        self._file, self._about = folder / f"{stem}.part", folder / f"{stem}.json.part"
        self._descriptor: int | None = None
        self._over = False
        self._lock = threading.Lock()
        self._sha256 = hashlib.sha256()
        self.length = 0

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def write(self, piece: bytes) -> None:
        with self._lock:
            if self._over:
                return
            if self._descriptor is None:
                self._descriptor = _create(self._file)
            _write_all(self._descriptor, piece)
            self._sha256.update(piece)
            self.length += len(piece)

    def keep(self, recording: Recording) -> None:
        """Make it final: both files on disk under their part names first, so that a full disk leaves neither."""
        with self._lock:
            if self._over or self._descriptor is None:
                return
            os.fsync(self._descriptor)
            about = _create(self._about)
            try:
                _write_all(about, msgspec.json.format(msgspec.json.encode(recording), indent=2) + b"\n")
                os.fsync(about)
            finally:
                os.close(about)
            self._file.replace(self._folder / f"{recording.recording_id}.{recording.format}")
            self._about.replace(self._folder / f"{recording.recording_id}.json")
            _sync(self._folder)

    def discard(self) -> None:
        """Close it and remove what was not kept. Never fails: a part that stays is tidied later."""
        with self._lock:
            self._over = True
            if self._descriptor is not None:
                with suppress(OSError):
                    os.close(self._descriptor)
                self._descriptor = None
            for path in (self._file, self._about):
                with suppress(OSError):
                    path.unlink()


class Folder:
    """Where recordings are kept; made at the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tidied_at = float("-inf")

    def part(self, recording_id: str) -> Part:
        return Part(self._path, recording_id)

    def prepare(self) -> None:
        """Make the folder, and now and then remove the parts of workers that were killed."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if time.monotonic() - self._tidied_at < STALE_S:
            return
        self._tidied_at = time.monotonic()
        stale = time.time() - STALE_S
        with os.scandir(self._path) as entries:
            for entry in entries:
                if _PART.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < stale:
                    Path(entry.path).unlink(missing_ok=True)

    def holds(self, recording_id: str, formats: tuple[str, ...]) -> Recording | None:
        """The recording, when its file is there with the length and hash that its metadata tells."""
        try:
            recording = msgspec.json.decode((self._path / f"{recording_id}.json").read_bytes(), type=Recording)
            if recording.recording_id != recording_id or recording.format not in formats:
                return None
            with (self._path / f"{recording_id}.{recording.format}").open("rb") as file:
                whole = os.fstat(file.fileno()).st_size == recording.length
                if not whole or hashlib.file_digest(file, "sha256").hexdigest() != recording.sha256:
                    return None
        except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        _sync(self._path)  # whoever put it there may have died just before
        return recording


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync(folder: Path) -> None:
    """Put the names on disk as well as the bytes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as trouble:
        if trouble.errno != errno.EINVAL:  # some network file systems can't sync a folder, and say so
            raise
    finally:
        os.close(descriptor)
