"""HTTP/1.1 POSTs over kept-alive loopback connections, answered with the bare status.

Not httpx: with it one core carries 400 to 800 deliveries a second (measured), and the stand-in has to outrun the
ingress that it loads. Plain HTTP to loopback, a known length and no redirect is all that a webhook needs here.
"""

import asyncio
import time
from typing import cast
from urllib.parse import urlsplit

import httptools

_REUSE_WITHIN_S = 3.0
"""Below the 5 s after which uvicorn closes an idle connection, so that no POST meets a closing one."""


class Connection(asyncio.Protocol):
    """One connection, one request at a time; httptools calls the `on_` methods."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.reusable = False
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._status: int | None = None
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is one without being a subclass.
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes) -> asyncio.Future[int]:
        """The status to come; ConnectionError when the connection ends without one."""
        if self._transport is None:
            raise ConnectionError("not connected")
        self.reusable, self._status = False, None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def abort(self) -> None:
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.abort()

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_message_complete(self) -> None:
        self.reusable = self._parser.should_keep_alive()
        self._settle()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.reusable = False
        self._settle()

    def _settle(self) -> None:
        if self._answer is None or self._answer.done():
            return
        if self._status is None:
            self._answer.set_exception(ConnectionError("closed without an answer"))
        else:
            self._answer.set_result(self._status)


class Poster:
    """Keeps connections to each receiver; `post` may be called from any number of tasks."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int], list[Connection]] = {}

    async def post(self, url: str, headers: list[tuple[str, str]], body: bytes, deadline_s: float) -> int:
        """The status of the answer. Raises OSError (ConnectionError, TimeoutError) when none came in time."""
        parts = urlsplit(url)
        target = (parts.hostname or "", parts.port or 80)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {path} HTTP/1.1", f"host: {parts.netloc}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers]
        request = "\r\n".join([*lines, "", ""]).encode() + body
        connection: Connection | None = None
        try:
            async with asyncio.timeout(deadline_s):
                connection = self._kept(target) or await _connect(target)
                status = await connection.send(request)
        except BaseException:
            if connection is not None:
                connection.abort()
            raise
        if connection.reusable:
            connection.idle_since = time.monotonic()
            self._idle.setdefault(target, []).append(connection)
        else:
            connection.abort()
        return status

    def close(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.abort()
        self._idle.clear()

    def _kept(self, target: tuple[str, int]) -> Connection | None:
        idle = self._idle.get(target, [])
        while idle:
            connection = idle.pop()
            if connection.reusable and time.monotonic() - connection.idle_since < _REUSE_WITHIN_S:
                return connection
            connection.abort()
        return None


async def _connect(target: tuple[str, int]) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, *target)
    return connection
