"""All items of a list, page by page: by number and by cursor, whichever kind of paging the answers show."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from shared.errors import TelnyxError
from shared.telnyx.answer import Answer, Page

MAX_PAGES: Final = 2_000  # half a million items at 250 a page; what goes on beyond is taken for a loop
_IDS: Final = ("id", "call_control_id")

Fetch = Callable[[dict[str, str]], Awaitable[Answer]]


async def every_item(fetch: Fetch, parameters: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
    """Each item once, from the page that `parameters` name to the end; `fetch` asks for one page, and may raise.

    A page that brings nothing new ends the list: an empty one, and one that was given before (a server that knows
    only the other kind of paging gives its first page again and again). Items that moved to a later page while we
    read are not told twice. Raises TelnyxError past MAX_PAGES.
    """
    asked, seen = dict(parameters), set[bytes | str]()
    for _ in range(MAX_PAGES):
        answer = await fetch(asked)
        fresh = {key: item for item in answer.items if (key := _identity(item)) not in seen}
        for item in fresh.values():
            yield item
        seen.update(fresh)
        following = next_page(asked, answer.page) if fresh else None
        if following is None:
            return
        asked = following
    raise TelnyxError(None, title="endless list", detail=f"no end after {MAX_PAGES} pages")


def next_page(asked: Mapping[str, str], page: Page) -> dict[str, str] | None:
    """What to ask after `page`, or None at the end. Pages before a cursor go on backwards."""
    rest = {
        key: value for key, value in asked.items() if key not in {"page[after]", "page[before]", "page[number]"}
    }
    if page.by_cursor:
        key, cursor = ("page[before]", page.before) if "page[before]" in asked else ("page[after]", page.after)
        return rest | {key: cursor} if cursor else None
    number = page.number or int(asked.get("page[number]", "1"))
    if page.total and number >= page.total:
        return None
    return rest | {"page[number]": str(number + 1)}


def _identity(item: dict[str, Any]) -> bytes | str:
    """What makes an item the same one on two pages; the rest of it, a duration say, may have changed."""
    known = next((item[name] for name in _IDS if isinstance(item.get(name), str)), None)
    return known or msgspec.json.encode(item, order="deterministic")
