"""Recordings: what a policy asks of the commands, and what their events ask of us.

The file is fetched at once, while its links live (10 minutes; Telnyx docs: storing-call-recordings).
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from shared import events
from shared.calls import Call
from shared.dialplan import Action, Plan, Ring, Transfer
from shared.dialplan.walk import steps
from shared.ids import LegId, Row
from workers.logic.decision import Download
from workers.logic.draft import Draft

_replace = msgspec.structs.replace


def policy_fields(plan: Plan, name: str | None) -> dict[str, Any]:
    """The recording parameters that answer, dial, transfer and bridge have in common."""
    if name is None:
        return {}
    policy = plan.recording[name]
    return {"record": "record-from-answer", "record_channels": policy.channels, "record_format": policy.format}


def of_answer(plan: Plan, actions: Iterable[Action]) -> str | None:
    """The policy whose recording begins with the answer itself, where anything that may follow wants that."""
    for action in actions:
        for _, step in steps(action, ()):
            if isinstance(step, Transfer | Ring) and step.record and plan.recording[step.record].start == "answer":
                return step.record
    return None


def saved(draft: Draft, ids: events.CallIds, payload: events.RecordingSaved) -> None:
    """Ask for the download, once per recording."""
    name = _safe(payload.recording_id or _name(ids, payload))
    if name in draft.call.recordings:
        draft.note("this recording is known already")
        return
    draft.put(_replace(draft.call, recordings=draft.call.recordings | {name}))
    _ended(draft, ids, name)
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
        keep_days=_keep_days(draft.call, draft.plan),
    )
    draft.note("archiving the recording")


def failed(draft: Draft, ids: events.CallIds, payload: events.RecordingFailed) -> None:
    """Telnyx could not store it: nothing to fetch, and nothing to wait for. Its time tells it from another."""
    _ended(draft, ids, f"not stored {draft.now}")
    draft.note(f"Telnyx could not store the recording: {payload.reason or 'it says no reason'}")


def _ended(draft: Draft, ids: events.CallIds, name: str) -> None:
    leg = draft.call.legs.get(LegId(ids.call_leg_id or ""))
    if leg is not None:
        draft.set_leg(LegId(ids.call_leg_id or ""), _replace(leg, recorded_as=leg.recorded_as | {name}))


def _keep_days(call: Call, plan: Plan) -> int | None:
    """The longest that a policy of this call wants, None for ever: an event doesn't tell who began its recording.

    Only policies whose recording has begun count, or all of the call while the facts of that are on their way.
    """
    asked = {row: sent.records for row, sent in call.sent.items() if sent.records is not None}
    named = {name for row, name in asked.items() if _has_begun(call, row)} or set(asked.values())
    kept = [plan.recording[name].keep_days if name in plan.recording else None for name in named]
    return max((days for days in kept if days is not None), default=None) if None not in kept else None


def _has_begun(call: Call, row: Row) -> bool:
    sent = call.sent[row]
    main = call.main_leg
    match sent.verb:
        case "transfer" | "bridge":
            other = call.leg_of(row)
            return any(leg is not None and leg.bridged_at is not None for leg in (main, other))
        case "answer" | "dial":
            return main is not None and main.answered_at is not None
        case _:
            return sent.state not in {"failed", "void"}


def _name(ids: events.CallIds, payload: events.RecordingSaved) -> str:
    """The documented model has no recording_id, though real payloads do: leg and start then name it."""
    started = str(payload.recording_started_at or payload.start_time or "")
    return f"{ids.call_leg_id}-{started}"


def _safe(name: str) -> str:
    """It becomes a job id and a file name: letters, digits, `_` and `-`, and not endless."""
    return "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_"))[:100]
