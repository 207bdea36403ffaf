"""What a recording event asks for: the file, at once, while its links live (10 minutes; facts.md section 9)."""

import msgspec

from shared import events
from workers.logic.draft import Download, Draft


def saved(draft: Draft, ids: events.CallIds, payload: events.RecordingSaved) -> None:
    """Ask for the download, once per recording."""
    name = _safe(payload.recording_id or _name(ids, payload))
    if name in draft.call.recordings:
        draft.note("this recording is known already")
        return
    draft.put(msgspec.structs.replace(draft.call, recordings=draft.call.recordings | {name}))
    urls = payload.recording_urls
    links = (
        {fmt: url for fmt, url in (("mp3", urls.mp3), ("wav", urls.wav)) if isinstance(url, str)} if urls else {}
    )
    draft.download = Download(
        recording_id=name,
        call=draft.call.id,
        urls=links,
        format=payload.format or next(iter(links), "mp3"),
        channels=payload.channels or "",
        started_at=str(payload.recording_started_at or payload.start_time or ""),
        ended_at=str(payload.recording_ended_at or payload.end_time or ""),
    )
    draft.note("archiving the recording")


def _name(ids: events.CallIds, payload: events.RecordingSaved) -> str:
    """The documented model has no recording_id, though real payloads do: leg and start then name it."""
    started = str(payload.recording_started_at or payload.start_time or "")
    return f"{ids.call_leg_id}-{started}"


def _safe(name: str) -> str:
    """It becomes a job id and a file name: letters, digits, `_` and `-`, and not endless."""
    return "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_"))[:100]
