"""What a client may look at in a running exchange: a call, the active calls of a connection, the log of events."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlencode

import msgspec

from simulator.call_events import CallEvent, call_events
from simulator.exchange import Exchange
from simulator.leg import Leg, State
from simulator.payloads import wire_time
from simulator.query import Ask, JsonObject, Query, numbered_page, page_size
from simulator.refusals import Refusal, bad_query, not_found

_CURSOR_KEYS = ("page[after]", "page[before]", "page[limit]")
Place = tuple[int, Leg]
"""A leg, after its place in the order of arrival."""


def public_key(exchange: Exchange, _ask: Ask) -> JsonObject:
    return {"data": {"public": exchange.options.signer.public_key, "record_type": "public_key"}}


def call_status(exchange: Exchange, ask: Ask) -> JsonObject:
    try:
        leg = exchange.legs.look(ask.path["call_control_id"], ask.now)
    except Refusal:
        raise not_found() from None
    ended = {} if leg.ended_at is None else {"end_time": wire_time(leg.ended_at)}
    return {
        "data": _call(leg, ask.now)
        | {"is_alive": leg.state is not State.ENDED, "start_time": wire_time(leg.started_at)}
        | ended
    }


def _call(leg: Leg, now: float) -> JsonObject:
    until = now if leg.ended_at is None else leg.ended_at
    return {
        "call_control_id": leg.call_control_id,
        "call_duration": int(until - (leg.answered_at or until)),
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "client_state": leg.client_state,
        "record_type": "call",
    }


def active_calls(exchange: Exchange, ask: Ask) -> JsonObject:
    """By cursor (Telnyx docs: list-all-active-calls) or by number, as the official SDK asks.

    A cursor is a place in the order of arrival, so that it holds when its leg ends between two pages.
    """
    connection_id = ask.path["connection_id"]
    places = [
        (place, leg)
        for place, leg in enumerate(exchange.switch.legs.values())
        if leg.connection_id == connection_id and leg.state is not State.ENDED
    ]
    if any(name in ask.query for name in _CURSOR_KEYS):
        limit = page_size(ask.query, "page[limit]")
        page: Sequence[Place] = _by_cursor(places, ask.query, limit)
        meta: JsonObject = {}
    else:
        limit = page_size(ask.query, "page[size]")
        page, meta = numbered_page(places, ask.query)
    return {
        "data": [_call(leg, ask.now) for _, leg in page],
        "meta": meta | _neighbours(connection_id, places, page, limit),
    }


def _by_cursor(places: Sequence[Place], query: Query, limit: int) -> Sequence[Place]:
    after, before = (_place(query, name) for name in ("page[after]", "page[before]"))
    if after is not None:
        return [one for one in places if one[0] > after][:limit]
    if before is not None:
        return [one for one in places if one[0] < before][-limit:]
    return places[:limit]


def _neighbours(connection_id: str, places: Sequence[Place], page: Sequence[Place], limit: int) -> JsonObject:
    """The part of the meta that leads to the page before this one and to the page after it."""
    cursors: JsonObject = {}
    if page and page[0] != places[0]:
        cursors["before"] = _cursor(page[0][0])
    if page and page[-1] != places[-1]:
        cursors["after"] = _cursor(page[-1][0])
    paths: JsonObject = {}
    for name, key in (("next", "after"), ("previous", "before")):
        query = urlencode({f"page[{key}]": cursors.get(key), "page[limit]": limit})
        paths[name] = f"/v2/connections/{quote(connection_id)}/active_calls?{query}" if key in cursors else None
    return {"cursors": cursors, "total_items": len(places)} | paths


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode()


def _place(query: Query, name: str) -> int | None:
    cursor = query.get(name)
    if cursor is None:
        return None
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        raise bad_query("The cursor is not one of ours.", name) from None


def all_call_events(exchange: Exchange, ask: Ask) -> JsonObject:
    return call_events([*_commands(exchange), *_webhooks(exchange)], ask)


def _commands(exchange: Exchange) -> Iterator[CallEvent]:
    """Those that reached a leg; performed, refused and repeated alike."""
    for entry in exchange.ledger.entries:
        leg = exchange.switch.legs.get(entry.call_control_id or "")
        if leg is not None:
            failed = entry.status is not None and entry.status >= 400
            metadata: JsonObject = {"command": entry.body, "error_code": entry.error_code, "status": entry.status}
            yield _event("command", entry.verb, entry.at, leg, failed=failed, metadata=metadata)


def _webhooks(exchange: Exchange) -> Iterator[CallEvent]:
    """`failed` tells of deliveries that were tried, and got no 2xx."""
    for webhook, data in exchange.courier.sent:
        leg = exchange.switch.legs[webhook.call_control_id]
        failed = bool(webhook.statuses) and not webhook.delivered
        metadata: JsonObject = {"event": msgspec.Raw(data), "statuses": webhook.statuses}
        yield _event("webhook", webhook.event_type, webhook.occurred_at, leg, failed=failed, metadata=metadata)


def _event(kind: str, name: str, at: float, leg: Leg, *, failed: bool, metadata: JsonObject) -> CallEvent:
    return CallEvent(
        kind=kind,
        name=name,
        at=at,
        call_leg_id=leg.call_leg_id,
        call_session_id=leg.call_session_id,
        connection_id=leg.connection_id,
        from_=leg.from_,
        to=leg.to,
        failed=failed,
        metadata=metadata,
    )
