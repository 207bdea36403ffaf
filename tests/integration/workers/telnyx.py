"""Telnyx as a test wants it: a tiny HTTP server that answers as it is told."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import NamedTuple


class Asked(NamedTuple):
    """One request. `connection` numbers the connections in the order in which they were opened."""

    path: str
    body: bytes
    connection: int
    at: float  # monotonic

    @property
    def verb(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def command_id(self) -> str:
        return str(json.loads(self.body)["command_id"])


Answering = Callable[[Asked], Awaitable[bytes]]


def reply(status: int = 200, code: str = "", *headers: str) -> bytes:
    """A whole response: `code` is Telnyx's error code, without one the body says ok."""
    data = {"errors": [{"code": code, "title": "no"}]} if code else {"data": {"result": "ok"}}
    return response(json.dumps(data).encode(), status, *headers)


def response(body: bytes, status: int = 200, *headers: str) -> bytes:
    """A whole response with this body."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def accepts(_asked: Asked) -> bytes:
    return reply()


def in_turn(*answers: bytes) -> Answering:
    """These answers, in turn; then acceptance. An empty one is silence for ever."""
    left = list(answers)

    async def answer(_asked: Asked) -> bytes:
        chosen = left.pop(0) if left else reply()
        if not chosen:
            await asyncio.Event().wait()
        return chosen

    return answer


def when_open(gate: asyncio.Event) -> Answering:
    """Acceptance, as soon as the gate is open."""

    async def answer(_asked: Asked) -> bytes:
        await gate.wait()
        return reply()

    return answer


class Telnyx:
    """What it was asked, in order of arrival."""

    def __init__(self, answer: Answering) -> None:
        self.requests: list[Asked] = []
        self.port = 0
        self.now_answering = 0
        self.most_at_once = 0
        self._answer = answer
        self._connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def verbs(self) -> list[str]:
        return [asked.verb for asked in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        number = self._connections
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    await self._exchange(reader, writer, number)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:-2])}
        body = await reader.readexactly(int(fields.get("content-length", "0")))
        method, path, _ = head[0].split(" ")
        if method == "HEAD":  # a worker warms its connection
            writer.write(b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n")
            return
        asked = Asked(path, body, number, time.monotonic())
        self.requests.append(asked)
        self.now_answering += 1
        self.most_at_once = max(self.most_at_once, self.now_answering)
        try:
            writer.write(await self._answer(asked))
        finally:
            self.now_answering -= 1
        await writer.drain()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def telnyx(answer: Answering = accepts) -> AsyncIterator[Telnyx]:
    standin = Telnyx(answer)
    server = await asyncio.start_server(standin.serve, "127.0.0.1", 0)
    standin.port = server.sockets[0].getsockname()[1]
    try:
        yield standin
    finally:
        server.close()
        await standin.close()


@contextmanager
def in_thread(answer: Answering = accepts) -> Iterator[Telnyx]:
    """The same for a test without an event loop, which asks worker processes."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    standin = telnyx(answer)
    try:
        yield asyncio.run_coroutine_threadsafe(standin.__aenter__(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(standin.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
