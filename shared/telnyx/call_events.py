"""Call events: the commands and webhooks that Telnyx has on record about our calls.

Source: Telnyx docs: api-reference/debugging/list-call-events.
"""

from typing import Any

from msgspec import UNSET, Struct

from shared.telnyx.lists import Filtered


class ListCallEvents(Filtered, frozen=True, kw_only=True):
    """Without `leg_id` or `application_session_id` only the last 24 hours; one occurred_at operator at a time."""


class CallEvent(Struct, frozen=True, kw_only=True):
    """`metadata` is free in form: the command's parameters or the webhook's body."""

    call_leg_id: str | None = None
    call_session_id: str | None = None
    event_timestamp: str | None = None
    metadata: dict[str, Any] | None = None
    name: str | None = None
    record_type: str | None = None  # call_event
    type: str | None = None  # command, webhook


def too_many_times(asked: ListCallEvents) -> str | None:
    """What is wrong when more than one operator is asked for, else None."""
    operators = [
        name for name in ("eq", "gt", "gte", "lt", "lte") if getattr(asked, f"occurred_at_{name}") is not UNSET
    ]
    given = ", ".join(f"filter[occurred_at][{name}]" for name in operators)
    return f"{given}: Telnyx takes one of them in a request" if len(operators) > 1 else None
