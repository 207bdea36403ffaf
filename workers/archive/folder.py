"""The folder of recordings, each put on disk, bytes and names, before it counts as archived."""

import errno
import hashlib
import os
import re
import secrets
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from shared.errors import ConfigError
from workers.archive.expiry import delete_due_among, old_recordings
from workers.archive.room import Room
from workers.archive.store import Recording, read_about, write_about
from workers.archive.written import Written, create, in_thread, write_all

STALE_S: Final = 600.0  # a download ends within two minutes: an older part is a killed worker's
AGAIN_S: Final = 3.0  # a look at the disk, without a download: see room.py
PLACE: Final = "the folder of recordings (RECORDINGS_URL)"
_PART: Final = re.compile(r"[A-Za-z0-9_-]+\.[0-9a-f]{16}\.(?:json\.)?part")


def folder_at(recordings_url: str) -> "Folder":
    """The folder that RECORDINGS_URL names. Raises ConfigError."""
    parts = urlsplit(recordings_url)
    path = ("" if parts.netloc == "localhost" else parts.netloc) + unquote(parts.path)
    odd = parts.netloc not in {"", ".", "localhost"} or parts.query or parts.fragment
    if not recordings_url.startswith("file://") or odd or "\0" in path:
        raise ConfigError(
            f"RECORDINGS_URL={recordings_url!r} is neither a folder nor a bucket;"
            " use file:///var/recordings, file://./recordings or s3://bucket/prefix"
        )
    return Folder(Path(path))


class FolderPart:
    """Under a name that no other has, until it is renamed."""

    def __init__(self, folder: Path, recording_id: str, room: Room) -> None:
        self._folder = folder
        self._recording_id = recording_id
        self._room = room
        stem = f"{recording_id}.{secrets.token_hex(8)}"
        self._file, self._about = folder / f"{stem}.part", folder / f"{stem}.json.part"
        self.written = Written(lambda: create(self._file))

    async def write(self, piece: bytes) -> None:
        await in_thread(PLACE, self._write, piece)

    async def keep(self, recording: Recording) -> None:
        await in_thread(PLACE, self._keep_or_note, recording)

    async def discard(self) -> None:
        """A part that stays all the same is tidied later."""
        await in_thread(PLACE, self._discard)

    def _write(self, piece: bytes) -> None:
        try:
            self.written.write(piece)
        except OSError:
            self._room.was_short_of(self._recording_id, self.written.length + len(piece))
            raise

    def _keep_or_note(self, recording: Recording) -> None:
        try:
            self._keep(recording)
        except OSError:
            self._room.was_short_of(self._recording_id, recording.length)
            raise

    def _keep(self, recording: Recording) -> None:
        """Both files on disk under their part names first, so that a full disk leaves neither."""
        with self.written.held() as file:
            if file is None:
                return
            os.fsync(file)
            with create(self._about) as about:
                write_all(about, write_about(recording))
                os.fsync(about)
            self._file.replace(self._folder / f"{recording.recording_id}.{recording.format}")
            self._about.replace(self._folder / f"{recording.recording_id}.json")
            _sync(self._folder)

    def _discard(self) -> None:
        self.written.close()
        for path in (self._file, self._about):
            with suppress(OSError):
                path.unlink()


class Folder:
    """Recordings on a disk; the folder is made at the first use."""

    again_s = AGAIN_S

    def __init__(self, path: Path) -> None:
        self._path = path
        self._room = Room(path)
        self._tidied_at = float("-inf")

    def part(self, recording_id: str) -> FolderPart:
        return FolderPart(self._path, recording_id, self._room)

    async def holds(self, recording_id: str) -> Recording | None:
        """Read to its last byte: nothing else tells that the disk has kept it."""
        await in_thread(PLACE, self._prepare)
        recording = await in_thread(PLACE, self._holds, recording_id)
        if recording is None:
            await in_thread(PLACE, self._room.check, recording_id)
        else:
            self._room.is_enough(recording_id)
        return recording

    async def delete_due(self, now: datetime) -> int:
        old = await in_thread(PLACE, old_recordings, self._path, now)
        return await delete_due_among(old, self._path, now)

    def _prepare(self) -> None:
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

    def _holds(self, recording_id: str) -> Recording | None:
        try:
            recording = read_about((self._path / f"{recording_id}.json").read_bytes(), recording_id)
            if recording is None:
                return None
            with (self._path / f"{recording_id}.{recording.format}").open("rb") as file:
                whole = os.fstat(file.fileno()).st_size == recording.length
                if not whole or hashlib.file_digest(file, "sha256").hexdigest() != recording.sha256:
                    return None
        except FileNotFoundError:
            return None
        _sync(self._path)  # whoever put it there may have died just before
        return recording


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
