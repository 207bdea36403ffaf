"""A recording from Telnyx to the folder: which link is tried when, and what becomes of the job."""

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import msgspec

from shared.commands import retrieve_recording
from shared.log import log
from shared.settings import Settings
from shared.telnyx import Meaning, Telnyx, meaning
from workers.archive.download import MAX_BYTES, Downloads, Resolve, resolve
from workers.archive.folder import Folder, Recording, folder_at
from workers.archive.sources import read_trusted
from workers.archive.trouble import Expired, Later, Refused, Trouble, Unwritable
from workers.engine.job import Done, Park, Retry, Verdict
from workers.logic.draft import Download

DEADLINE_S: Final = 120.0  # below the job's own of 150 s, so that the verdict is ours
LOOK_TIMEOUT_S: Final = 10.0
RETRY_DELAYS_S: Final = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)  # then it is parked: 8 attempts in 80 minutes
FOLDER_DELAY_S: Final = 60.0  # and no limit: a full disk is mended by a person, and the recording is not at fault
FORMATS: Final = ("mp3", "wav")

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")

P = ParamSpec("P")
T = TypeVar("T")


class _Fresh(msgspec.Struct):
    """What GET /recordings/{id} tells that we need."""

    download_urls: dict[str, Any] | None = None


class Archive:
    """Fetches recordings to one folder. Close it with `aclose`."""

    def __init__(
        self,
        folder: Path,
        hosts: tuple[str, ...],
        telnyx: Telnyx,
        *,
        deadline_s: float = DEADLINE_S,
        max_bytes: int = MAX_BYTES,
        resolve: Resolve = resolve,
    ) -> None:
        """`hosts` are those of RECORDING_HOSTS. Touches neither disk nor network. Raises ConfigError."""
        self._folder = Folder(folder)
        self._telnyx = telnyx
        self._downloads = Downloads(read_trusted(hosts), max_bytes, resolve)
        self._deadline_s = deadline_s

    @classmethod
    def from_settings(cls, settings: Settings, telnyx: Telnyx) -> "Archive":
        """Raises ConfigError for a RECORDINGS_URL or RECORDING_HOSTS that can't be used."""
        return cls(folder_at(settings.recordings_url), settings.recording_hosts, telnyx)

    async def aclose(self) -> None:
        await self._downloads.aclose()

    async def fetch(self, download: Download, attempt: int) -> Verdict:
        """Archive a recording; `attempt` counts from 0. Raises cancellation only, which leaves no file behind."""
        told = log.bind(recording=download.recording_id[:100], call=download.call)
        begun = time.monotonic()
        try:
            _check_names(download)
            async with asyncio.timeout(self._deadline_s):
                new = await self._archive(download)
        except TimeoutError:
            verdict = _verdict(Later(f"not done within {self._deadline_s:g} s"), attempt)
        except Trouble as trouble:
            verdict = _verdict(trouble, attempt)
        else:
            ms = round((time.monotonic() - begun) * 1000)
            if new:
                told.info("recording_archived", host=new.source, bytes=new.length, ms=ms)
            else:
                told.info("recording_already_archived", ms=ms)
            return Done()
        if isinstance(verdict, Park):
            told.error("recording_refused", reason=verdict.reason)
        else:
            told.warning("recording_waits", reason=verdict.reason, attempt=attempt + 1, delay_s=verdict.delay_s)
        return verdict

    async def _archive(self, download: Download) -> Recording | None:
        """The recording as kept; None when it was there. Raises Trouble."""
        await _disk(self._folder.prepare)
        if await _disk(self._folder.holds, download.recording_id, FORMATS):
            return None
        chosen = _choose(download.urls, download.format)
        if chosen:
            try:
                return await self._keep(download, *chosen)
            except Expired as reason:
                log.info("recording_link_expired", recording=download.recording_id, reason=str(reason))
        return await self._keep(download, *await self._fresh_link(download))

    async def _fresh_link(self, download: Download) -> tuple[str, str]:
        """Format and link, from Telnyx's API. Raises Refused, Later."""
        answer = await self._telnyx.send(retrieve_recording(download.recording_id), LOOK_TIMEOUT_S)
        what = answer.trouble or f"answered {answer.status}"
        match meaning(answer):
            case Meaning.DONE:
                chosen = _choose(_links(answer.data), download.format)
                if chosen:
                    return chosen
                raise Later("Telnyx has no link to this recording now")
            case Meaning.DENIED:
                raise Refused(f"Telnyx {what} to GET /recordings: TELNYX_API_KEY may not read recordings")
            case _:
                raise Later(f"GET /recordings: Telnyx {what}", answer.retry_after_s or 0.0)

    async def _keep(self, download: Download, kind: str, link: str) -> Recording:
        """Download to a part, then make it final. Raises Refused, Expired, Later, Unwritable."""
        part = self._folder.part(download.recording_id)
        try:
            host = await self._downloads.download(link, lambda piece: _disk(part.write, piece))
            recording = Recording(
                recording_id=download.recording_id,
                call=download.call,
                format=kind,
                channels=download.channels,
                started_at=download.started_at,
                ended_at=download.ended_at,
                length=part.length,
                sha256=part.sha256,
                source=host,
                fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            await _disk(part.keep, recording)
            return recording
        finally:
            await asyncio.to_thread(part.discard)


def _check_names(download: Download) -> None:
    """They become a file name and part of a path at Telnyx's. Raises Refused."""
    if not _NAME.fullmatch(download.recording_id):
        raise Refused("recording refused: its id is not made of letters, digits, _ and -")
    if download.format not in FORMATS:
        raise Refused(f"recording refused: format {download.format[:20]!r} is neither mp3 nor wav")


def _choose(links: dict[str, str], wanted: str) -> tuple[str, str] | None:
    """The link of the wanted format, or of the other one: a recording in either is better than none."""
    for kind in (wanted, *FORMATS):
        if links.get(kind):
            return kind, links[kind]
    return None


def _links(data: dict[str, Any]) -> dict[str, str]:
    try:
        links = msgspec.convert(data, _Fresh).download_urls or {}
    except msgspec.ValidationError:
        return {}
    return {kind: link for kind, link in links.items() if isinstance(link, str)}


def _verdict(trouble: Trouble, attempt: int) -> Retry | Park:
    """The retry rule; a pause that the other side asked for is kept."""
    reason = str(trouble)
    if isinstance(trouble, Refused):
        return Park(reason)
    if isinstance(trouble, Unwritable):
        return Retry(FOLDER_DELAY_S, False, reason)
    if attempt >= len(RETRY_DELAYS_S):
        return Park(f"recording not fetched in {attempt + 1} attempts: {reason}")
    asked_s = trouble.at_least_s if isinstance(trouble, Later) else 0.0
    return Retry(max(RETRY_DELAYS_S[attempt], asked_s), True, reason)


async def _disk(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do blocking work with the folder in a thread. Raises Unwritable."""
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except OSError as trouble:
        raise Unwritable(
            f"the folder of recordings (RECORDINGS_URL): {trouble.strerror or type(trouble).__name__}"
        ) from None
