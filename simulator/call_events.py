"""`GET /call_events`: the commands and webhooks of all calls (Telnyx docs: debugging/list-call-events)."""

import operator
from collections.abc import Callable, Iterable
from typing import NamedTuple

from simulator.payloads import wire_time
from simulator.query import Ask, JsonObject, Query, choice, moment, numbered_page
from simulator.refusals import bad_query

_DAY_S = 86_400.0
_OCCURRED = "filter[occurred_at]"
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class CallEvent(NamedTuple):
    """One row, and what it can be found by. `kind` is command or webhook, `at` in Unix seconds."""

    kind: str
    name: str
    at: float
    call_leg_id: str
    call_session_id: str
    connection_id: str
    from_: str
    to: str
    failed: bool
    metadata: dict[str, object]

    def row(self) -> JsonObject:
        return {
            "call_leg_id": self.call_leg_id,
            "call_session_id": self.call_session_id,
            "event_timestamp": wire_time(self.at),
            "metadata": self.metadata,
            "name": self.name,
            "record_type": "call_event",
            "type": self.kind,
        }


def call_events(events: Iterable[CallEvent], ask: Ask) -> JsonObject:
    """A page in order of time. Without a leg or a session the last 24 hours are searched, no more."""
    wanted = _wanted(ask.query, ask.now)
    found = sorted((event for event in events if wanted(event)), key=lambda event: event.at)
    page, meta = numbered_page(found, ask.query)
    return {"data": [event.row() for event in page], "meta": meta}


def _wanted(query: Query, now: float) -> Callable[[CallEvent], bool]:
    """The other keys of the shared filter object (application_name, outbound, status) mean nothing here."""
    exact = {
        field: query[name]
        for name, field in (
            ("filter[leg_id]", "call_leg_id"),
            ("filter[application_session_id]", "call_session_id"),
            ("filter[connection_id]", "connection_id"),
            ("filter[from]", "from_"),
            ("filter[to]", "to"),
            ("filter[name]", "name"),
        )
        if name in query
    }
    kind = choice(query, "filter[type]", ("command", "webhook"))
    failed = choice(query, "filter[failed]", ("true", "false"))
    product = choice(query, "filter[product]", ("call_control", "fax", "texml"))
    in_time = _in_time(query, now, whole_past="call_leg_id" in exact or "call_session_id" in exact)

    def wanted(event: CallEvent) -> bool:
        return (
            all(getattr(event, field) == value for field, value in exact.items())
            and kind in (None, event.kind)
            and failed in (None, str(event.failed).lower())
            and product in (None, "call_control")
            and in_time(event.at)
        )

    return wanted


def _in_time(query: Query, now: float, *, whole_past: bool) -> Callable[[float], bool]:
    """Telnyx takes one operator of occurred_at in a request."""
    asked = [name for name in query if name.startswith(_OCCURRED)]
    if len(asked) > 1:
        raise bad_query("Only one filter[occurred_at] can be passed.", asked[1])
    earliest = float("-inf") if whole_past else now - _DAY_S
    if not asked:
        return lambda at: at >= earliest
    compare = _OPERATORS.get(asked[0].removeprefix(_OCCURRED).strip("[]"))
    limit = moment(query, asked[0])
    if compare is None or limit is None:
        raise bad_query("Operators are eq, gt, gte, lt and lte.", asked[0])
    return lambda at: at >= earliest and compare(at, limit)
