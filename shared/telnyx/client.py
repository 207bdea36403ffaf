"""The HTTP client to Telnyx's API: one request, one answer, no retry (`workers/delivery` alone retries)."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import anyio
import httpx
from anyio.lowlevel import checkpoint_if_cancelled

from shared.commands.requests import Request
from shared.telnyx.answer import Answer, read_answer
from shared.telnyx.connections import Connections

CONNECT_TIMEOUT_S: Final = 2.0
MAX_LOOKUP_BYTES: Final = 1_000_000  # of an answer to a GET; 250 active calls are about 125,000
MAX_COMMAND_BYTES: Final = 64_000  # of any other answer: hundreds may come at once, and a dial's has 1,000
CONNECTIONS: Final = 200


class _TooLong(Exception):  # noqa: N818 - never leaves this file
    """A response body is longer than it may be."""


class _TooLate(Exception):  # noqa: N818 - as above
    """The time had come after which it must not be written."""


class Telnyx:
    """Requests to one base URL, over connections that are kept. Close it with `aclose`.

    httpx's transport without its client: no redirects, cookies, proxies or netrc to switch off, and no exception
    from a malformed Location header.
    """

    def __init__(self, base_url: str, api_key: str, connections: int = CONNECTIONS) -> None:
        """Connects nothing yet; `connections` bounds the requests in flight at once."""
        self._base_url = base_url.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {api_key}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # so that a small answer can't unfold to a large one
            "User-Agent": "trunkline",
        }
        self._slots = asyncio.Semaphore(connections)
        self._exchanges: set[asyncio.Task[Answer]] = set()
        self._connections = Connections()

    async def send(
        self,
        request: Request,
        timeout_s: float,
        on_written: Callable[[], None] | None = None,
        not_after: float | None = None,
    ) -> Answer:
        """Send once and return what came of it within `timeout_s`; trouble on the way is an answer too.

        `on_written` is called when the whole request was handed to the kernel, before any answer is read. After
        `not_after` (monotonic) not one byte is written: looked at right before the first, since a process may be
        stopped at any time.
        """
        wire = _Wire(on_written, not_after)
        scope = anyio.CancelScope()
        exchange = asyncio.create_task(self._exchange(request, timeout_s, wire, scope))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._exchanges.discard)
        try:
            await asyncio.wait({exchange}, timeout=timeout_s)
            return exchange.result() if exchange.done() else _no_answer(request, wire, "Timeout")
        finally:
            # A task of its own, because asyncio's cancellation ignores the shields behind which httpcore gives a
            # connection back; anyio's respects them.
            scope.cancel()

    async def warm(self) -> None:
        """Open a connection, so that the first command need not wait for one; whatever comes of it is fine."""
        await self.send(Request("HEAD", "/"), CONNECT_TIMEOUT_S)

    async def aclose(self) -> None:
        """Wait for what is in flight, then close every connection."""
        await asyncio.gather(*self._exchanges, return_exceptions=True)
        await self._connections.aclose()

    async def _exchange(
        self, request: Request, timeout_s: float, wire: "_Wire", scope: anyio.CancelScope
    ) -> Answer:
        try:
            with scope:
                async with self._slots:
                    return await self._over_a_connection(request, timeout_s, wire)
        except (httpx.HTTPError, OSError, _TooLong, _TooLate) as trouble:
            return _no_answer(request, wire, type(trouble).__name__.lstrip("_"))
        return _no_answer(request, wire, "Cancelled")

    async def _over_a_connection(self, request: Request, timeout_s: float, wire: "_Wire") -> Answer:
        """Raises httpx.HTTPError, OSError, _TooLong, _TooLate."""
        transport = self._connections.take()
        try:
            answer = await self._send_and_read(transport, request, timeout_s, wire)
        except BaseException:
            await self._connections.drop(transport)
            raise
        await self._connections.give_back(transport)
        return answer

    async def _send_and_read(
        self, transport: httpx.AsyncHTTPTransport, request: Request, timeout_s: float, wire: "_Wire"
    ) -> Answer:
        connect_s = min(CONNECT_TIMEOUT_S, timeout_s)
        timeouts = {"connect": connect_s, "read": timeout_s, "write": timeout_s, "pool": None}
        response = await transport.handle_async_request(
            httpx.Request(
                request.method,
                self._base_url + request.path,
                headers=self._headers | ({"Content-Type": "application/json"} if request.body else {}),
                content=request.body or None,
                extensions={"timeout": timeouts, "trace": wire.trace},
            )
        )
        try:
            body = await _read(response, MAX_LOOKUP_BYTES if request.method == "GET" else MAX_COMMAND_BYTES)
        finally:
            await response.aclose()
        return read_answer(response.status_code, response.headers, body, time.time(), _on_leg(request))


class _Wire:
    """How far a request got; fed by httpx's trace events (python-httpx.org: Request Extensions)."""

    def __init__(self, on_written: Callable[[], None] | None, not_after: float | None) -> None:
        self.begun = False
        self._on_written = on_written
        self._not_after = not_after

    async def trace(self, event: str, _info: dict[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            await checkpoint_if_cancelled()  # what its caller gave up, as not reached, is never begun
            if self._not_after is not None and time.monotonic() > self._not_after:
                raise _TooLate
            self.begun = True
        elif event == "http11.send_request_body.complete" and self._on_written:
            self._on_written()


def _no_answer(request: Request, wire: _Wire, trouble: str) -> Answer:
    return Answer(status=None, reached=wire.begun, on_leg=_on_leg(request), trouble=trouble)


def _on_leg(request: Request) -> bool:
    return request.path.startswith("/calls/")


async def _read(response: httpx.Response, most: int) -> bytes:
    """The whole body. Raises _TooLong, httpx.HTTPError."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > most:
            raise _TooLong
    return bytes(body)
