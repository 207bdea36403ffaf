"""A request other than a command, and what its query asks: the page, the filters, the order.

A value that cannot be used raises Refusal, which names its key. A key that is not documented has no effect.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from simulator.refusals import bad_query, not_allowed, out_of_range

T = TypeVar("T")
Query = Mapping[str, str]
JsonObject = dict[str, object]
"""The body of an answer, or a part of it."""
_MOST = 250
_LONGEST = 9
"""Digits of a number: none that is asked for is longer, and int() refuses a text of thousands."""


class Ask(NamedTuple):
    """A request other than a command; `path` holds the ids in it, `now` is in Unix seconds."""

    path: Mapping[str, str]
    query: Query
    raw: bytes
    now: float


def numbered_page(rows: Sequence[T], query: Query) -> tuple[Sequence[T], JsonObject]:
    """The rows of page[number] and page[size], and the meta beside them; past the end there are none."""
    number, size = whole_number(query, "page[number]", 1), page_size(query, "page[size]")
    meta: JsonObject = {
        "page_number": number,
        "page_size": size,
        "total_pages": -(-len(rows) // size),
        "total_results": len(rows),
    }
    return rows[(number - 1) * size : number * size], meta


def page_size(query: Query, name: str, default: int = 20) -> int:
    size = whole_number(query, name, default)
    if size > _MOST:
        raise out_of_range(f"{name} is between 1 and {_MOST}.", parameter=name)
    return size


def whole_number(query: Query, name: str, default: int) -> int:
    """At least 1."""
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST:
        raise bad_query(f"{name} must be a number.", name)
    if int(text) == 0:
        raise out_of_range(f"{name} is at least 1.", parameter=name)
    return int(text)


def choice(query: Query, name: str, allowed: Sequence[str]) -> str | None:
    value = query.get(name)
    if value is not None and value not in allowed:
        raise not_allowed(f"{name} is one of {', '.join(allowed)}.", parameter=name)
    return value


def moment(query: Query, name: str) -> float | None:
    """A time in ISO 8601 as Unix seconds; one without a zone is UTC."""
    text = query.get(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad_query(f"{name} must be a time in ISO 8601.", name) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def within(query: Query, name: str) -> Callable[[float], bool]:
    """Whether a time lies between name[gte] and name[lte], where these are given."""
    low, high = moment(query, f"{name}[gte]"), moment(query, f"{name}[lte]")
    return lambda at: (low is None or at >= low) and (high is None or at <= high)
