"""Telnyx as the pipeline sees it, with callers who are rejected; `python -m bench.pipeline.outside JSON`.

Each call is a `call.initiated`, the command it causes, and the `call.hangup` after that. The time that counts is
from when the first webhook was due to when the command's last byte is here.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

import httptools
import msgspec
import uvloop

from bench.ingress.load import Client
from bench.pipeline.calls import Call, calls
from bench.side_by_side import percentile

RESULT: Final = b'{"data":{"result":"ok"}}'
ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(RESULT) + RESULT
)
CONNECTIONS: Final = 64  # over which webhooks are sent
MOST_PER_S: Final = 1_500  # calls prepared beforehand, where there is no rate
END_WITHIN_S: Final = 30.0  # of the last call's beginning


class Asked(msgspec.Struct, frozen=True):
    """`rate` in calls a second; 0: a new one whenever one of `at_once` has ended. `answers_in`: seconds."""

    web: int  # port
    telnyx: int  # port
    seconds: float
    rate: float
    at_once: int
    answers_in: float


class Figures(msgspec.Struct, frozen=True):
    calls: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    resent: int  # the same command once more, where an answer took over half a second
    lost: int


class Api(asyncio.Protocol):
    """A connection to Telnyx's API: every command is taken and answered."""

    def __init__(self, outside: "Outside") -> None:
        self._outside = outside
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url = b""

    def on_url(self, part: bytes) -> None:
        self._url += part

    def on_message_complete(self) -> None:
        self._outside.came(self._url)
        asyncio.get_running_loop().call_later(self._outside.asked.answers_in, self._transport.write, ANSWER)


class Outside:
    """Sends the webhooks of calls, and takes the commands that they cause."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._free: asyncio.Queue[Client] = asyncio.Queue()
        self._came: dict[str, asyncio.Future[float]] = {}  # by call control id: when its command was here
        self._latencies: list[float] = []
        self._resent = 0

    async def play(self) -> Figures:
        """Raises RuntimeError or ConnectionError when a webhook was not taken."""
        asked, loop = self.asked, asyncio.get_running_loop()
        await loop.create_server(lambda: Api(self), "127.0.0.1", asked.telnyx, backlog=1000)
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await self._connect())
        ready = calls(int(asked.seconds * (asked.rate or MOST_PER_S)))
        began = time.perf_counter()
        tasks = await self._at_a_rate(ready, began) if asked.rate else self._so_many_at_once(ready, began)
        done, late = await asyncio.wait(tasks, timeout=asked.seconds + END_WITHIN_S)
        took = time.perf_counter() - began
        for task in done:
            task.result()
        ordered = sorted(self._latencies) or [0.0]
        at = [percentile(ordered, share) * 1000 for share in (0.5, 0.95, 0.99)]
        return Figures(len(self._latencies), took, *at, self._resent, len(late))

    def came(self, url: bytes) -> None:
        """A command; other requests (the worker's looks) are answered and not counted."""
        _, marker, rest = url.partition(b"/calls/")
        leg = unquote(rest.partition(b"/actions/")[0].decode())
        came = self._came.get(leg)
        if not marker or came is None:
            return
        if came.done():
            self._resent += 1
        else:
            came.set_result(time.perf_counter())

    async def _at_a_rate(self, ready: Iterator[Call], began: float) -> list[asyncio.Task[None]]:
        tasks = []
        for number, call in enumerate(ready):
            due = began + number / self.asked.rate
            await asyncio.sleep(due - time.perf_counter())
            tasks.append(asyncio.create_task(self._call(call, due)))
        return tasks

    def _so_many_at_once(self, ready: Iterator[Call], began: float) -> list[asyncio.Task[None]]:
        async def one_after_another() -> None:
            for call in ready:
                if time.perf_counter() > began + self.asked.seconds:
                    return
                await self._call(call, time.perf_counter())

        return [asyncio.create_task(one_after_another()) for _ in range(self.asked.at_once)]

    async def _call(self, call: Call, due: float) -> None:
        self._came[call.leg] = came = asyncio.get_running_loop().create_future()
        await self._tell(call.initiated)
        self._latencies.append(await came - due)
        await self._tell(call.hangup)

    async def _tell(self, webhook: bytes) -> None:
        client = await self._free.get()
        try:
            status = await client.ask(webhook)
        except ConnectionError:
            # Servers close connections that were idle for some seconds (gunicorn: 2), as they are at a low rate.
            client = await self._connect()
            status = await client.ask(webhook)
        finally:
            self._free.put_nowait(client)
        if status != 200:
            raise RuntimeError(f"a webhook was answered {status}")

    async def _connect(self) -> Client:
        _, client = await asyncio.get_running_loop().create_connection(Client, "127.0.0.1", self.asked.web)
        return client


if __name__ == "__main__":
    figures = uvloop.run(Outside(msgspec.json.decode(sys.argv[1], type=Asked)).play())
    sys.stdout.buffer.write(msgspec.json.encode(figures) + b"\n")
