"""What keeps recordings, a folder or a bucket: each is there whole, with its metadata beside it, or not at all."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Protocol

import msgspec

from workers.archive.written import Written

FORMATS: Final = ("mp3", "wav")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


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
    delete_after: Moment | None = None  # None: kept for ever


class Part(Protocol):
    """A download in the making, which nobody takes for a recording."""

    @property
    def written(self) -> Written:
        """What has come so far."""

    async def write(self, piece: bytes) -> None:
        """Raises Unwritable."""

    async def keep(self, recording: Recording) -> None:
        """Make it final, its metadata last. Raises Unwritable."""

    async def discard(self) -> None:
        """Remove what was not kept. Never fails."""


class Store(Protocol):
    """Where recordings are kept. Neither disk nor network is touched before the first use.

    `again_s`: how soon a store that takes nothing is tried again, by what that costs.
    """

    @property
    def again_s(self) -> float: ...

    async def holds(self, recording_id: str) -> Recording | None:
        """The recording, when it is there whole. Raises Unwritable, also where none could be written now."""

    def part(self, recording_id: str) -> Part: ...

    async def delete_due(self, now: datetime) -> int:
        """Delete what was kept for long enough, and tell how many. Raises Unwritable."""


def write_about(recording: Recording) -> bytes:
    """The metadata, for people as well."""
    return msgspec.json.format(msgspec.json.encode(recording), indent=2) + b"\n"


def read_about(about: bytes, recording_id: str) -> Recording | None:
    """The metadata under this id; None for anything that this program has not written there."""
    try:
        recording = msgspec.json.decode(about, type=Recording)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return recording if recording.recording_id == recording_id and recording.format in FORMATS else None


def delete_after(ended_at: str, fetched_at: datetime, keep_days: int | None) -> datetime | None:
    """`keep_days` after the recording's end, or after it was fetched where that is no time; None: never."""
    if keep_days is None:
        return None
    try:
        end = datetime.fromisoformat(ended_at)
        end = end.replace(tzinfo=end.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        end = fetched_at
    try:
        return end + timedelta(days=keep_days)
    except OverflowError:  # past the year 9999
        return None
