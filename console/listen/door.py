"""What the tunnel leads to: one route of the web process, nothing else of this machine; each event is shown."""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import httpx
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.events import WEBHOOK_PATH

MAX_BODY: Final = 256 * 1024  # the web process takes no more
FORWARD_WITHIN_S: Final = 10.0
_PASSED: Final = ("content-type", "content-encoding", "user-agent", "telnyx-timestamp", "telnyx-signature-ed25519")


class Event(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """An event as far as it can be read, and what the web process answered within how many ms."""

    event_type: str
    id: str
    from_: str
    to: str
    status: int
    ms: int


class Door:
    """`url` is where a tunnel has to lead; `proof` is what it answers under `proof_path`."""

    def __init__(self, url: str, forward_to: str, show: Callable[[Event], None]) -> None:
        self.url = url
        self.proof = secrets.token_urlsafe(16)
        self.proof_path = f"/trunkline-listen-{secrets.token_urlsafe(16)}"
        self._target = forward_to + WEBHOOK_PATH
        self._show = show
        self._http = httpx.AsyncClient(timeout=FORWARD_WITHIN_S, trust_env=False)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route(WEBHOOK_PATH, self._forward, methods=["POST"]),
                Route(self.proof_path, self._prove),
            ]
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _prove(self, _request: Request) -> Response:
        return PlainTextResponse(self.proof)

    async def _forward(self, request: Request) -> Response:
        """The same bytes, and the same answer; 503 where nobody listens, so that Telnyx tries again."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY:
                return Response(status_code=413)
        headers = {name: request.headers[name] for name in _PASSED if name in request.headers}
        began = time.monotonic()
        try:
            status = (await self._http.post(self._target, content=bytes(body), headers=headers)).status_code
        except httpx.HTTPError:
            status = 503
        self._show(_read(bytes(body), status, round((time.monotonic() - began) * 1000)))
        return Response(status_code=status)


@asynccontextmanager
async def opened(forward_to: str, show: Callable[[Event], None]) -> AsyncIterator[Door]:
    """On a free port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        door = Door(f"http://127.0.0.1:{listener.getsockname()[1]}", forward_to, show)
        listener.listen()
        config = uvicorn.Config(
            door.app(), log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield door
        finally:
            server.should_exit = True
            await serving
            await door.aclose()


class _Server(uvicorn.Server):
    """Its caller has the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _read(body: bytes, status: int, ms: int) -> Event:
    """Whatever came: it is shown before anybody has judged it."""
    try:
        data = msgspec.json.decode(body, type=dict[str, Any])["data"]
        payload = data.get("payload") or {}
        event_type, id_, caller, called = (
            str(found or "")
            for found in (data.get("event_type"), data.get("id"), payload.get("from"), payload.get("to"))
        )
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, AttributeError):
        event_type, id_, caller, called = "(no event)", "", "", ""
    return Event(event_type, id_, caller, called, status, ms)
