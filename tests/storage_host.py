"""A storage host on loopback, raw on purpose: what it sends may lie, break off or never come.

It also plays Telnyx's API below /v2, so that a test sees every request that an archive makes.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import NamedTuple

RECORDING_ID = "11111111-2222-4333-8444-555555555555"
LOOK = f"/v2/recordings/{RECORDING_ID}"
SECRET = "X-Amz-Expires=600&X-Amz-Signature=canary"


def answer(status: int = 200, body: bytes = b"", *headers: str, length: int | str | None = None) -> bytes:
    """A whole response; `length` may lie, and '' leaves it out."""
    announced = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} X", *headers]
    if announced != "":
        lines.append(f"Content-Length: {announced}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(location: str) -> bytes:
    return answer(302, b"", f"Location: {location}")


def looked_up(**links: str) -> bytes:
    """Telnyx's answer to GET /recordings/{id}."""
    urls = ",".join(f'"{kind}":"{link}"' for kind, link in links.items())
    body = b'{"data":{"download_urls":{%s}}}' % urls.encode()
    return answer(200, body, "Connection: close", length="")  # the length is not known before the port is


class Stall(bytes):
    """Sent as it is; then nothing more comes, and the connection stays open."""


class Trickle(bytes):
    """Sent as it is; then a byte at a time, without end."""


class Asked(NamedTuple):
    path: str
    headers: dict[str, str]
    method: str
    body: bytes


class StorageHost:
    """`answers`: path, or method and path -> response, in which `{port}` stands for its own port. Else a 404."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self.requests: list[Asked] = []
        self.port = 0
        self._answers = answers
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def paths(self) -> list[str]:
        return [asked.path.partition("?")[0] for asked in self.requests]

    def link(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}?{SECRET}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            method, path, _ = head[0].split(" ")
            fields = dict(line.split(": ", 1) for line in head[1:-2])
            headers = {name.lower(): value for name, value in fields.items()}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Asked(path, headers, method, body))
            bare = path.partition("?")[0]
            reply = self._answers.get(f"{method} {bare}", self._answers.get(bare, answer(404)))
            writer.write(reply.replace(b"{port}", str(self.port).encode()))
            await writer.drain()
            while isinstance(reply, Trickle):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)
            if isinstance(reply, Stall):
                await reader.read()
        writer.close()
        self._open.discard(writer)

    def close(self) -> None:
        for writer in self._open:
            writer.close()


def storage_host(answers: Mapping[str, bytes]) -> AbstractAsyncContextManager[StorageHost]:
    return serving(StorageHost(answers))


@asynccontextmanager
async def serving(host: StorageHost) -> AsyncIterator[StorageHost]:
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        host.close()
        await server.wait_closed()
