"""A Telnyx that says what a test tells it to, over real connections on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from shared.telnyx import Api, Telnyx
from tests.raw_telnyx import http, read_request


class Received(NamedTuple):
    method: str
    target: str  # path and query as they came
    body: Any

    @property
    def line(self) -> str:
        return f"{self.method} {self.target}"


Reply = tuple[int, Any]  # a status and a JSON document; bytes go out as they are


class Stub:
    """Asks `reply` for the answer to each request, and remembers the requests."""

    def __init__(self, reply: Callable[[Received], Reply]) -> None:
        self.received: list[Received] = []
        self._reply = reply

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await _read(reader)
                self.received.append(request)
                status, document = self._reply(request)
                body = document if isinstance(document, bytes) else json.dumps(document).encode()
                writer.write(http(status, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    line, _, body = await read_request(reader)
    method, target, _ = line.split(" ")
    return Received(method, target.removeprefix("/v2"), json.loads(body) if body else None)


@asynccontextmanager
async def api_on(reply: Callable[[Received], Reply], checked: bool = True) -> AsyncIterator[tuple[Api, Stub]]:
    """A client, and the stub that it talks to."""
    stub = Stub(reply)
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    telnyx = Telnyx(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2", "KEY")
    try:
        yield Api(telnyx, timeout_s=5.0, checked=checked), stub
    finally:
        await telnyx.aclose()
        server.close()
        await server.wait_closed()
