"""Answers that never come: the connection is held for a while, then cut, or cut at once."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, which also shows each request its transport: ASGI has no way to hang up."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


class NoAnswer(Response):
    """Holds the connection for `hold_s` seconds, or until the client leaves, and closes it unanswered."""

    def __init__(self, hold_s: float) -> None:
        super().__init__()
        self._hold_s = hold_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - never sends
        try:
            async with asyncio.timeout(self._hold_s):
                await _disconnected(receive)
        except TimeoutError:
            scope["state"]["transport"].abort()
            await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
