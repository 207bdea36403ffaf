"""A Telnyx that answers with bytes: whole, half, slow or none; over real connections on loopback."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from shared.telnyx import Telnyx

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


def http(status: int, body: bytes = b"", headers: str = "", length: int | None = None) -> bytes:
    """A response as bytes; `length` may lie."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {size}\r\n\r\n".encode() + body


OK = http(200, b'{"data":{"result":"ok"}}')


class RawTelnyx:
    """Each request gets the next reply, the last one again and again."""

    def __init__(self, replies: tuple[bytes | Reply, ...]) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self.idle = asyncio.Event()  # no connection is open
        self._replies = list(replies)
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.idle.clear()
        self._tasks.add(task := asyncio.current_task())
        try:
            while True:
                self.requests.append(await read_request(reader))
                reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
                if isinstance(reply, bytes):
                    writer.write(reply)
                    await writer.drain()
                else:
                    await reply(writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)
            if not self._tasks:
                self.idle.set()

    @property
    def open(self) -> int:
        return len(self._tasks)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks)


async def read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """First line, headers by their names in small letters, and body. Raises IncompleteReadError at the end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
    return head[0], headers, await reader.readexactly(int(headers.get("content-length", "0")))


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    raise ConnectionResetError


async def reset(writer: asyncio.StreamWriter) -> None:
    linger_none = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_none)
    await close(writer)


async def stay_silent(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def trickle(writer: asyncio.StreamWriter) -> None:
    """One byte at a time, each well within any timeout of a single read."""
    writer.write(http(200, b"", length=1_000))
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


def half(reply: bytes) -> Reply:
    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        await writer.drain()
        await close(writer)

    return send


def chunked(status: int, chunk: bytes, count: int) -> Reply:
    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(count):
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    return send


@asynccontextmanager
async def talking(*replies: bytes | Reply, connections: int = 10) -> AsyncIterator[tuple[Telnyx, RawTelnyx]]:
    """A client and the server it talks to."""
    stub = RawTelnyx(replies)
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    telnyx = Telnyx(f"http://127.0.0.1:{port}/v2", "KEY123", connections)
    try:
        yield telnyx, stub
    finally:
        await telnyx.aclose()
        server.close()
        await stub.stop()
