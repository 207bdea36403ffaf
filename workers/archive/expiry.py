"""`keep_days` in a folder: what was kept for long enough is deleted, by whichever worker comes by.

Two may come by at once: a file that is gone already is no trouble.
"""

import asyncio
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from shared.log import log
from workers.archive.store import read_about

YOUNG_S: Final = 86_400.0  # `keep_days` is at least 1: what is younger is not due, and need not be opened
AT_ONCE: Final = 200  # files, before a worker that stops may go


def old_recordings(folder: Path, now: datetime) -> list[str]:
    """Ids that may be due; none where there is no folder yet. Blocks; raises OSError."""
    old = now.timestamp() - YOUNG_S
    try:
        with os.scandir(folder) as entries:
            return [entry.name.removesuffix(".json") for entry in entries if _is_older(entry, old)]
    except FileNotFoundError:
        return []


async def delete_due_among(recording_ids: list[str], folder: Path, now: datetime) -> int:
    """Delete those that are due, and tell how many; one that cannot be deleted hinders no other."""
    deleted, failed = 0, list[str]()
    for first in range(0, len(recording_ids), AT_ONCE):
        some = recording_ids[first : first + AT_ONCE]
        deleted += await asyncio.to_thread(_delete_due_among, some, folder, now, failed)
    if failed:
        log.warning("recordings_not_deleted", count=len(failed), reason=failed[0])
    return deleted


def _is_older(entry: "os.DirEntry[str]", moment: float) -> bool:
    with suppress(FileNotFoundError):
        return entry.name.endswith(".json") and entry.stat(follow_symlinks=False).st_mtime < moment
    return False


def _delete_due_among(recording_ids: list[str], folder: Path, now: datetime, failed: list[str]) -> int:
    deleted = 0
    for recording_id in recording_ids:
        try:
            deleted += _delete_due(recording_id, folder, now)
        except FileNotFoundError:
            continue
        except OSError as trouble:
            failed.append(trouble.strerror or type(trouble).__name__)
    return deleted


def _delete_due(recording_id: str, folder: Path, now: datetime) -> bool:
    """The metadata goes last: while it is there, the rest is found again."""
    about = folder / f"{recording_id}.json"
    recording = read_about(about.read_bytes(), recording_id)
    if recording is None or recording.delete_after is None or recording.delete_after > now:
        return False
    (folder / f"{recording_id}.{recording.format}").unlink(missing_ok=True)
    about.unlink()
    return True
