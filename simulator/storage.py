"""Saved recordings: a list of them, one, their deletion, and whether a download link is good."""

from collections.abc import Callable

import msgspec

from simulator.json_body import read_json
from simulator.leg import Leg, Recording
from simulator.legs import Legs
from simulator.payloads import wire_time
from simulator.query import Ask, JsonObject, Query, numbered_page, within
from simulator.refusals import not_found

_BY_LEG = ("call_control_id", "call_leg_id", "call_session_id", "connection_id", "to")
_NEVER = ("conference_id", "conference_region", "sip_call_id")
"""Filters of what no recording here has: they find nothing."""


class Several(msgspec.Struct, frozen=True):
    ids: list[str]


_SEVERAL = msgspec.json.Decoder(Several)


def recordings(legs: Legs, ask: Ask) -> JsonObject:
    """The newest first."""
    wanted = _wanted(ask.query)
    found = [one for one in legs.saved_recordings() if wanted(legs.switch.legs[one.call_control_id], one)]
    page, meta = numbered_page(found, ask.query)
    return {"data": [_recording(legs, one, ask.now) for one in page], "meta": meta}


def recording(legs: Legs, ask: Ask) -> JsonObject:
    one = _named(legs, ask.path["recording_id"], ask.now)
    return {"data": _recording(legs, one, ask.now)}


def delete_recording(legs: Legs, ask: Ask) -> JsonObject:
    one = _named(legs, ask.path["recording_id"], ask.now)
    answer: JsonObject = {"data": _recording(legs, one, ask.now)}
    _delete(one)
    return answer


def delete_recordings(legs: Legs, ask: Ask) -> JsonObject:
    """All of them, or none where one is unknown."""
    several = read_json(ask.raw, _SEVERAL)
    for one in [_named(legs, recording_id, ask.now) for recording_id in several.ids]:
        _delete(one)
    return {}


def _named(legs: Legs, recording_id: str, now: float) -> Recording:
    found = legs.look_at_recording(recording_id, now)
    if found is None:
        raise not_found()
    return found


def _delete(one: Recording) -> None:
    one.kept = False
    one.links.clear()


def _wanted(query: Query) -> Callable[[Leg, Recording], bool]:
    asked = {name: query[f"filter[{name}]"] for name in _BY_LEG if f"filter[{name}]" in query}
    never = any(f"filter[{name}]" in query for name in _NEVER)
    created, started, ended = (
        within(query, f"filter[{name}]") for name in ("created_at", "start_time", "end_time")
    )

    def wanted(leg: Leg, one: Recording) -> bool:
        ended_at = one.ended_at or 0.0
        return (
            all(getattr(leg, name) == value for name, value in asked.items())
            and query.get("filter[from]") in (None, leg.from_)
            and not never
            and created(ended_at)
            and started(one.started_at)
            and ended(ended_at)
        )

    return wanted


def _recording(legs: Legs, one: Recording, now: float) -> JsonObject:
    leg = legs.switch.legs[one.call_control_id]
    started, ended = wire_time(one.started_at), wire_time(one.ended_at or now)
    return {
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "channels": one.channels,
        "connection_id": leg.connection_id,
        "created_at": ended,
        "download_urls": {one.format: legs.fresh_link(one, now)},
        "duration_millis": round(one.recorded_s * 1000),
        "from": leg.from_,
        "id": one.recording_id,
        "record_type": "recording",
        "recording_ended_at": ended,
        "recording_started_at": started,
        "source": "call",
        "status": "completed",
        "to": leg.to,
        "updated_at": ended,
    }


def linked_recording(legs: Legs, name: str, signature: str, now: float) -> Recording | None:
    """The one that a download link is good for, now: the signature in it is the key, and it expires."""
    one = legs.switch.recordings.get(name.partition(".")[0])
    expires_at = one.links.get(signature) if one else None
    return one if expires_at is not None and now < expires_at else None
