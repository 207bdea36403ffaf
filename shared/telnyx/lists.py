"""What a list may be asked: flat wire keys as typed fields, and how they become a query string.

Source: Telnyx docs: api-reference (list-all-active-calls, list-call-events, list-call-control-applications,
list-recordings).
"""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET, Meta, field

from shared.commands.sent import Maybe, Sent

PageNumber = Annotated[int, Meta(ge=1)]
PageSize = Annotated[int, Meta(ge=1, le=250)]  # 20 where nothing is asked for
Contained = Annotated[str, Meta(min_length=3)]
Product = Literal["call_control", "fax", "texml"]
Status = Literal["init", "in_progress", "completed"]
EventKind = Literal["command", "webhook"]


class Paged(Sent, frozen=True, kw_only=True):
    """The page that a list begins with, by its number."""

    page_number: Maybe[PageNumber] = field(name="page[number]", default=UNSET)
    page_size: Maybe[PageSize] = field(name="page[size]", default=UNSET)


class Filtered(Paged, frozen=True, kw_only=True):
    """Telnyx's one filter for several lists; on each of them most keys mean nothing. Times are ISO 8601."""

    application_name_contains: Maybe[Contained] = field(name="filter[application_name][contains]", default=UNSET)
    application_session_id: Maybe[str] = field(name="filter[application_session_id]", default=UNSET)
    connection_id: Maybe[str] = field(name="filter[connection_id]", default=UNSET)
    failed: Maybe[bool] = field(name="filter[failed]", default=UNSET)
    from_: Maybe[str] = field(name="filter[from]", default=UNSET)
    leg_id: Maybe[str] = field(name="filter[leg_id]", default=UNSET)
    name: Maybe[str] = field(name="filter[name]", default=UNSET)
    occurred_at_eq: Maybe[str] = field(name="filter[occurred_at][eq]", default=UNSET)
    occurred_at_gt: Maybe[str] = field(name="filter[occurred_at][gt]", default=UNSET)
    occurred_at_gte: Maybe[str] = field(name="filter[occurred_at][gte]", default=UNSET)
    occurred_at_lt: Maybe[str] = field(name="filter[occurred_at][lt]", default=UNSET)
    occurred_at_lte: Maybe[str] = field(name="filter[occurred_at][lte]", default=UNSET)
    outbound_voice_profile_id: Maybe[str] = field(name="filter[outbound.outbound_voice_profile_id]", default=UNSET)
    product: Maybe[Product] = field(name="filter[product]", default=UNSET)
    status: Maybe[Status] = field(name="filter[status]", default=UNSET)
    to: Maybe[str] = field(name="filter[to]", default=UNSET)
    type: Maybe[EventKind] = field(name="filter[type]", default=UNSET)


def query(asked: Sent | None) -> dict[str, str]:
    """The keys and values of a query as text; what is unset is left out."""
    members = {} if asked is None else msgspec.to_builtins(asked)
    return {key: _text(value) for key, value in members.items()}


def query_string(parameters: Mapping[str, str]) -> str:
    """With its question mark, or nothing; encoded as a form, as the official SDK does it."""
    return f"?{urlencode(parameters)}" if parameters else ""


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
