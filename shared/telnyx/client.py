"""The HTTP client to Telnyx's API: one request, one answer, no retry (`workers/delivery` alone retries)."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import httpx

from shared.commands.requests import Request
from shared.telnyx.answer import Answer, read_answer

CONNECT_TIMEOUT_S: Final = 2.0
KEEPALIVE_S: Final = 30.0
MAX_BODY: Final = 1_000_000  # bytes; 250 active calls are about 125,000
CONNECTIONS: Final = 200


class _TooLong(Exception):  # noqa: N818 - never leaves this file
    """A response body above MAX_BODY."""


class Telnyx:
    """A pool of connections to one base URL. Close it with `aclose`.

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
        # Bounded by the semaphore instead: httpcore 1.0.9 loses a slot of a bounded pool for good when a waiting
        # request is cancelled (encode/httpcore issue 1093).
        unbounded = httpx.Limits(
            max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEEPALIVE_S
        )
        self._http = httpx.AsyncHTTPTransport(limits=unbounded, trust_env=False)

    async def send(
        self, request: Request, timeout_s: float, on_written: Callable[[], None] | None = None
    ) -> Answer:
        """Send once and return what came of it within `timeout_s`; trouble on the way is an answer too.

        `on_written` is called when the whole request was handed to the kernel, before any answer is read.
        """
        on_leg = request.path.startswith("/calls/")
        wire = _Wire(on_written)
        try:
            async with asyncio.timeout(timeout_s), self._slots:
                return await self._exchange(request, timeout_s, wire, on_leg)
        except (httpx.HTTPError, OSError, _TooLong) as trouble:
            name = type(trouble).__name__.lstrip("_")
            return Answer(status=None, reached=wire.begun, on_leg=on_leg, trouble=name)

    async def warm(self) -> None:
        """Open a connection, so that the first command need not wait for one; whatever comes of it is fine."""
        await self.send(Request("HEAD", "/"), CONNECT_TIMEOUT_S)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _exchange(self, request: Request, timeout_s: float, wire: "_Wire", on_leg: bool) -> Answer:
        """Raises httpx.HTTPError, OSError, _TooLong."""
        connect_s = min(CONNECT_TIMEOUT_S, timeout_s)
        timeouts = {"connect": connect_s, "read": timeout_s, "write": timeout_s, "pool": None}
        response = await self._http.handle_async_request(
            httpx.Request(
                request.method,
                self._base_url + request.path,
                headers=self._headers | ({"Content-Type": "application/json"} if request.body else {}),
                content=request.body or None,
                extensions={"timeout": timeouts, "trace": wire.trace},
            )
        )
        try:
            body = await _read(response)
        finally:
            await response.aclose()
        return read_answer(response.status_code, response.headers, body, time.time(), on_leg)


class _Wire:
    """How far a request got; fed by httpx's trace events (python-httpx.org: Request Extensions)."""

    def __init__(self, on_written: Callable[[], None] | None) -> None:
        self.begun = False
        self._on_written = on_written

    async def trace(self, event: str, _info: dict[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            self.begun = True
        elif event == "http11.send_request_body.complete" and self._on_written:
            self._on_written()


async def _read(response: httpx.Response) -> bytes:
    """The whole body. Raises _TooLong, httpx.HTTPError."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_BODY:
            raise _TooLong
    return bytes(body)
