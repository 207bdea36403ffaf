"""A bucket of recordings, at Amazon or any storage that speaks S3, by way of `obstore`."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import FileIO
from typing import Final

from obstore.exceptions import BaseError
from obstore.store import S3Store

from workers.archive.store import Recording, read_about, write_about
from workers.archive.trouble import Unwritable
from workers.archive.written import Written, in_thread

SPOOL_BYTES: Final = 1_000_000_000  # on this machine's disk, of all downloads under way in one process
PIECE: Final = 8 * 1024 * 1024  # a larger recording goes up in pieces, which become an object all at once
AGAIN_S: Final = 60.0  # what it refuses at the end was downloaded for nothing
AT_ONCE: Final = 2  # pieces, hence two of them in memory
PLACE: Final = "the bucket of recordings (RECORDINGS_URL)"
SPOOL: Final = "the temporary folder (TMPDIR)"
TYPES: Final = {"mp3": "audio/mpeg", "wav": "audio/wav", "json": "application/json"}

_STATUS: Final = re.compile(r"status code: (\d{3})")
_CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")


class BucketPart:
    """In a file without a name, which ends with its process, until all of it has come."""

    def __init__(self, bucket: "Bucket") -> None:
        self._bucket = bucket
        self._reserved = 0
        self.written = Written(lambda: tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 - closed by `discard`

    async def write(self, piece: bytes) -> None:
        self._bucket.reserve(len(piece))
        self._reserved += len(piece)
        await in_thread(SPOOL, self.written.write, piece)

    async def keep(self, recording: Recording) -> None:
        if self.written.file is not None:
            await self._bucket.keep(recording, self.written.file)

    async def discard(self) -> None:
        self._bucket.reserve(-self._reserved)
        self._reserved = 0
        await in_thread(SPOOL, self.written.close)


class Bucket:
    """An object in it is whole: an upload that breaks off leaves none."""

    again_s = AGAIN_S

    def __init__(self, store: S3Store, spool_bytes: int = SPOOL_BYTES) -> None:
        self._store = store
        self._left = spool_bytes

    def part(self, recording_id: str) -> BucketPart:  # noqa: ARG002 - one shape with a folder's
        return BucketPart(self)

    async def holds(self, recording_id: str) -> Recording | None:
        """By its size: the bucket has checked each byte against a hash when it took them."""
        with _told():
            try:
                about = await (await self._store.get_async(f"{recording_id}.json")).bytes_async()
                recording = read_about(bytes(about), recording_id)
                if recording is None:
                    return None
                there = await self._store.head_async(f"{recording_id}.{recording.format}")
            except FileNotFoundError as trouble:
                if "NoSuchBucket" in str(trouble):
                    raise
                return None
        return recording if there["size"] == recording.length else None

    async def delete_due(self, now: datetime) -> int:  # noqa: ARG002 - one shape with a folder's
        """Deletes nothing: a bucket has lifecycle rules for that (docs/recordings.md)."""
        return 0

    def reserve(self, count: int) -> None:
        """Bytes on this machine's disk. Raises Unwritable."""
        if count > self._left:
            raise Unwritable(f"{SPOOL}: too many recordings are under way at once")
        self._left -= count

    async def keep(self, recording: Recording, file: FileIO) -> None:
        """The metadata goes last: it says that the rest is there. Raises Unwritable."""
        name = f"{recording.recording_id}.{recording.format}"
        with _told():
            file.seek(0)
            await self._put(name, file)
            there = await self._store.head_async(name)
            if there["size"] != recording.length:
                raise Unwritable(f"{PLACE} has kept {there['size']} bytes of {recording.length}")
            await self._put(f"{recording.recording_id}.json", write_about(recording))

    async def _put(self, name: str, content: FileIO | bytes) -> None:
        kind = TYPES[name.rpartition(".")[2]]
        await self._store.put_async(
            name, content, attributes={"Content-Type": kind}, chunk_size=PIECE, max_concurrency=AT_ONCE
        )


@contextmanager
def _told() -> Iterator[None]:
    """What obstore raises, as Unwritable: its own texts hold URLs and what the server said of our keys."""
    try:
        yield
    except (BaseError, OSError) as trouble:
        text = str(trouble)
        said = " ".join(match[1] for match in (_STATUS.search(text), _CODE.search(text)) if match)
        if "incorrectly configured region" in text:
            said = "301: it is in another region than AWS_REGION"
        raise Unwritable(f"{PLACE} answered {said}" if said else f"{PLACE} cannot be reached") from None
