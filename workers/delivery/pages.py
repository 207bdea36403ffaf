"""A list that a look asks for, with all its pages: the leg that is looked for may stand on the last one.

A page holds 250 live legs at the most (Telnyx docs: list-all-active-calls); a busy connection has more of them.
"""

import asyncio
from typing import Final
from urllib.parse import parse_qsl

from msgspec.structs import replace

from shared.commands import Request
from shared.errors import TelnyxError
from shared.telnyx import Answer, Telnyx
from shared.telnyx.lists import query_string
from shared.telnyx.pages import every_item

PAGE_TIMEOUT_S: Final = 5.0
WITHIN_S: Final = 15.0  # of all pages: some 10,000 legs at the slowest; what is looked for is looked for twice


async def with_all_pages(telnyx: Telnyx, request: Request, first: Answer) -> Answer:
    """The answer with the items of every page. A page that does not come leaves what the answer to it was.

    A list that is not read to its end proves nothing: it is no answer.
    """
    path, _, query = request.path.partition("?")
    asked = dict(parse_qsl(query))
    last = first

    async def fetch(parameters: dict[str, str]) -> Answer:
        nonlocal last
        if parameters != asked:
            last = await telnyx.send(replace(request, path=path + query_string(parameters)), PAGE_TIMEOUT_S)
        if not last.is_success:
            raise TelnyxError(last.status, title="no list")
        return last

    try:
        async with asyncio.timeout(WITHIN_S):
            return replace(first, items=tuple([item async for item in every_item(fetch, asked)]))
    except (TelnyxError, TimeoutError):
        return Answer(status=None, trouble="no end of the list") if last.is_success else last
