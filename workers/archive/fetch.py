"""A recording from Telnyx to the store: which link is tried when, and what becomes of the job."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from shared import metrics
from shared.commands import retrieve_recording
from shared.log import log
from shared.settings import Settings
from shared.telnyx import Meaning, Telnyx, meaning
from workers.archive.bucket import Bucket
from workers.archive.download import MAX_BYTES, Downloads, Resolve, resolve
from workers.archive.folder import folder_at
from workers.archive.pacing import Pacing
from workers.archive.s3 import s3_at
from workers.archive.sources import read_trusted
from workers.archive.store import FORMATS, Recording, Store, delete_after
from workers.archive.trouble import Expired, Later, Refused, Trouble, Unwritable
from workers.archive.written import Written
from workers.engine.job import Done, Park, Retry, Verdict
from workers.logic.decision import Download

DEADLINE_S: Final = 120.0  # below the job's own of 150 s, so that the verdict is ours
LOOK_TIMEOUT_S: Final = 10.0
RETRY_DELAYS_S: Final = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)  # then it is parked: 8 attempts in 80 minutes
DELETE_AGAIN_S: Final = 3600.0

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")


class _Fresh(msgspec.Struct):
    """What GET /recordings/{id} tells that we need."""

    download_urls: dict[str, Any] | None = None


class Archive:
    """Fetches recordings to one store. Close it with `aclose`."""

    def __init__(
        self,
        store: Store,
        hosts: tuple[str, ...],
        telnyx: Telnyx,
        *,
        deadline_s: float = DEADLINE_S,
        max_bytes: int = MAX_BYTES,
        resolve: Resolve = resolve,
    ) -> None:
        """`hosts` are those of RECORDING_HOSTS. Touches neither disk nor network. Raises ConfigError."""
        self._store = store
        self._pacing = Pacing(store.again_s)
        self._telnyx = telnyx
        self._downloads = Downloads(read_trusted(hosts), max_bytes, resolve)
        self._deadline_s = deadline_s

    @classmethod
    def from_settings(cls, settings: Settings, telnyx: Telnyx) -> "Archive":
        """Raises ConfigError for a RECORDINGS_URL, its AWS_* names or RECORDING_HOSTS that can't be used."""
        url = settings.recordings_url
        store: Store = Bucket(s3_at(url, settings.aws)) if url.startswith("s3:") else folder_at(url)
        return cls(store, settings.recording_hosts, telnyx)

    async def aclose(self) -> None:
        await self._downloads.aclose()

    async def delete_due(self) -> None:
        """`keep_days`: what was kept for long enough goes. Logs what hinders it."""
        try:
            deleted = await self._store.delete_due(datetime.now(UTC))
        except Unwritable as trouble:
            log.warning("recordings_not_deleted", reason=str(trouble))
        else:
            if deleted:
                log.info("recordings_deleted", count=deleted)

    async def fetch(self, download: Download, attempt: int) -> Verdict:
        """Archive a recording; `attempt` counts from 0. Raises cancellation only, which leaves no file behind."""
        told = log.bind(recording=download.recording_id[:100], call=download.call)
        begun = time.monotonic()
        try:
            _check_names(download)
            new = await self._archive(download, asyncio.get_running_loop().time() + self._deadline_s)
        except Trouble as trouble:
            verdict = self._verdict(trouble, attempt)
        else:
            ms = round((time.monotonic() - begun) * 1000)
            metrics.RECORDINGS.add("archived" if new else "already_archived")
            if new:
                told.info("recording_archived", host=new.source, bytes=new.length, ms=ms)
            else:
                told.info("recording_already_archived", ms=ms)
            return Done()
        metrics.RECORDINGS.add("parked" if isinstance(verdict, Park) else "waits")
        if isinstance(verdict, Park):
            told.error("recording_refused", reason=verdict.reason)
        else:
            told.warning("recording_waits", reason=verdict.reason, attempt=attempt + 1, delay_s=verdict.delay_s)
        return verdict

    def _verdict(self, trouble: Trouble, attempt: int) -> Retry | Park:
        """Without a limit for a store: a person mends it, and the recording is not at fault."""
        if isinstance(trouble, Unwritable):
            return Retry(self._pacing.wait_s(time.monotonic()), False, str(trouble))
        return retry_or_park(trouble, attempt)

    async def _archive(self, download: Download, until: float) -> Recording | None:
        """The recording as kept; None when it was there. `until` is the loop's time. Raises Trouble."""
        async with self._in_time(until, Unwritable):
            if await self._store.holds(download.recording_id):
                return None
        chosen = _choose(download.urls, download.format)
        if chosen:
            try:
                return await self._keep(download, *chosen, until)
            except Expired as reason:
                log.info("recording_link_expired", recording=download.recording_id, reason=str(reason))
        async with self._in_time(until, Later):
            chosen = await self._fresh_link(download)
        return await self._keep(download, *chosen, until)

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

    async def _keep(self, download: Download, kind: str, link: str, until: float) -> Recording:
        """Download to a part, then make it final. Raises Refused, Expired, Later, Unwritable."""
        part = self._store.part(download.recording_id)
        try:
            async with self._in_time(until, Later):
                host = await self._downloads.download(link, part.write)
            recording = _recording(download, kind, host, part.written, datetime.now(UTC))
            async with self._in_time(until, Unwritable):
                await part.keep(recording)
            return recording
        finally:
            await part.discard()

    @asynccontextmanager
    async def _in_time(self, until: float, trouble: type[Later | Unwritable]) -> AsyncIterator[None]:
        """Raises `trouble` past the loop's time `until`: who was slow decides how often it is tried again."""
        try:
            async with asyncio.timeout_at(until):
                yield
        except TimeoutError:
            raise trouble(f"not done within {self._deadline_s:g} s") from None


def retry_or_park(trouble: Trouble, attempt: int) -> Retry | Park:
    """The retry rule; a pause that the other side asked for is kept."""
    reason = str(trouble)
    if isinstance(trouble, Refused):
        return Park(reason)
    if attempt >= len(RETRY_DELAYS_S):
        return Park(f"recording not fetched in {attempt + 1} attempts: {reason}")
    asked_s = trouble.at_least_s if isinstance(trouble, Later) else 0.0
    return Retry(max(RETRY_DELAYS_S[attempt], asked_s), True, reason)


def _check_names(download: Download) -> None:
    """They become a file name and part of a path at Telnyx's. Raises Refused."""
    if not _NAME.fullmatch(download.recording_id):
        raise Refused("recording refused: its id is not made of letters, digits, _ and -")
    if download.format not in FORMATS:
        raise Refused(f"recording refused: format {download.format[:20]!r} is neither mp3 nor wav")


def _recording(download: Download, kind: str, host: str, written: Written, fetched_at: datetime) -> Recording:
    return Recording(
        recording_id=download.recording_id,
        call=download.call,
        format=kind,
        channels=download.channels,
        started_at=download.started_at,
        ended_at=download.ended_at,
        length=written.length,
        sha256=written.sha256,
        source=host,
        fetched_at=fetched_at.isoformat(timespec="seconds"),
        delete_after=delete_after(download.ended_at, fetched_at, download.keep_days),
    )


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
