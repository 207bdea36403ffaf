"""What a client may look at: a call, the active calls of a connection, a saved recording and its file."""

import base64
import binascii
import time
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from simulator.exchange import Exchange
from simulator.leg import Leg, Recording, State
from simulator.payloads import wire_time
from simulator.recordings import wav_file
from simulator.refusals import Refusal, invalid, not_found

Look = dict[str, object]
_PAGE_LIMITS = range(1, 251)


def call_status(exchange: Exchange, request: Request) -> Look:
    try:
        leg = exchange.legs.look(request.path_params["call_control_id"], time.time())
    except Refusal:
        raise not_found() from None
    ended = {} if leg.ended_at is None else {"end_time": wire_time(leg.ended_at)}
    return {
        "data": _call(leg)
        | {"is_alive": leg.state is not State.ENDED, "start_time": wire_time(leg.started_at)}
        | ended
    }


def _call(leg: Leg) -> Look:
    until = time.time() if leg.ended_at is None else leg.ended_at
    return {
        "call_control_id": leg.call_control_id,
        "call_duration": int(until - (leg.answered_at or until)),
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "client_state": leg.client_state,
        "record_type": "call",
    }


def active_calls(exchange: Exchange, request: Request) -> Look:
    """Cursor paging (Telnyx docs: list-all-active-calls); page[number] and page[size] work too, without totals.

    A cursor is a place in the order of arrival, so that it holds when its leg ends between two pages.
    """
    connection_id = request.path_params["connection_id"]
    limit = _page_number(request, "page[limit]", _page_number(request, "page[size]", 20))
    if limit not in _PAGE_LIMITS:
        raise invalid("The page limit must be between 1 and 250.")
    places = [
        (place, leg)
        for place, leg in enumerate(exchange.switch.legs.values())
        if leg.connection_id == connection_id and leg.state is not State.ENDED
    ]
    page = _page(places, request, limit)
    cursors: Look = {}
    if page and page[0] != places[0]:
        cursors["before"] = _cursor(page[0][0])
    if page and page[-1] != places[-1]:
        cursors["after"] = _cursor(page[-1][0])
    meta: Look = {"cursors": cursors, "total_items": len(places)}
    for name, way in (("next", "after"), ("previous", "before")):
        query = urlencode({f"page[{way}]": cursors.get(way), "page[limit]": limit})
        meta[name] = f"/v2/connections/{quote(connection_id)}/active_calls?{query}" if way in cursors else None
    return {"data": [_call(leg) for _, leg in page], "meta": meta}


def _page(places: list[tuple[int, Leg]], request: Request, limit: int) -> list[tuple[int, Leg]]:
    after, before = request.query_params.get("page[after]"), request.query_params.get("page[before]")
    if after is not None:
        return [one for one in places if one[0] > _place(after)][:limit]
    if before is not None:
        return [one for one in places if one[0] < _place(before)][-limit:]
    start = (_page_number(request, "page[number]", 1) - 1) * limit
    return places[start : start + limit]


def _page_number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or text == "0":
        raise invalid(f"{name} must be a positive number.")
    return int(text)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode()


def _place(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        raise invalid("The cursor is not one of ours.") from None


def saved_recording(exchange: Exchange, request: Request) -> Look:
    recording = exchange.legs.look_at_recording(request.path_params["recording_id"], time.time())
    if recording is None or recording.ended_at is None:
        raise not_found()
    return {"data": _recording(exchange, recording, recording.ended_at)}


def _recording(exchange: Exchange, recording: Recording, ended_at: float) -> Look:
    leg = exchange.switch.legs[recording.call_control_id]
    started, ended = wire_time(recording.started_at), wire_time(ended_at)
    return {
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "channels": recording.channels,
        "connection_id": leg.connection_id,
        "created_at": ended,
        "download_urls": {recording.format: exchange.legs.fresh_link(recording, time.time())},
        "duration_millis": round((ended_at - recording.started_at) * 1000),
        "from": leg.from_,
        "id": recording.recording_id,
        "record_type": "recording",
        "recording_ended_at": ended,
        "recording_started_at": started,
        "source": "call",
        "status": "completed",
        "to": leg.to,
        "updated_at": ended,
    }


def recording_file(exchange: Exchange, request: Request) -> Response:
    """Needs no bearer token: the signature in the link is the key, and it expires (403)."""
    recording_id, _, _format = request.path_params["name"].partition(".")
    recording = exchange.switch.recordings.get(recording_id)
    expires_at = recording and recording.links.get(request.query_params.get("X-Amz-Signature", ""))
    if recording is None or not expires_at or time.time() >= expires_at:
        denied = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
        return Response(denied, 403, media_type="application/xml")
    return Response(wav_file(recording.channels), media_type=f"audio/{recording.format}")
