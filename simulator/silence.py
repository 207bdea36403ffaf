"""Answers that never come, or not whole: the connection is held or cut, the body is no JSON, or far too long."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.faults import HalfFault

_HUGE_BYTES = 10_000_000


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


def _sent(fault: HalfFault, whole: bytes) -> bytes:
    match fault:
        case "cut_head":
            return b""
        case "cut_body":
            return whole[:-5]
        case "bad_json":
            return whole[:-1] + b","
        case "huge":
            return b'{"data":{"result":"' + b"x" * _HUGE_BYTES + b'"}}'


class HalfAnswer(Response):
    """A 200 that proves nothing: cut after its head or in its body, no JSON, or 10 MB of it."""

    def __init__(self, fault: HalfFault, whole: bytes) -> None:
        super().__init__(_sent(fault, whole), media_type="application/json")
        self._is_cut = fault in ("cut_head", "cut_body")
        if self._is_cut:
            self.headers["content-length"] = str(len(whole))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_cut:
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        scope["state"]["transport"].close()
        await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
