"""Telnyx as the pipeline sees it, with callers who are rejected; `python -m bench.pipeline.outside JSON`.

Each call is a `call.initiated`, the command it causes, and the `call.hangup` after that. The time that counts is
from when the first webhook was due to when the command's last byte is here.
"""

import asyncio
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

import httptools
import msgspec
import uvloop

from bench.ingress.load import Client, request
from bench.side_by_side import percentile
from console.samples import FOLDER

RESULT: Final = b'{"data":{"result":"ok"}}'
ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(RESULT) + RESULT
)
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

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_message_complete(self) -> None:
        self._outside.came(self._url)
        asyncio.get_running_loop().call_later(self._outside.asked.answers_in, self._transport.write, ANSWER)


class Outside:
    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._due: dict[str, float] = {}  # call control id -> when its first webhook was
        self._came: dict[str, asyncio.Future[float]] = {}
        self._resent = 0

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

    async def play(self) -> Figures:
        asked, loop = self.asked, asyncio.get_running_loop()
        server = await loop.create_server(lambda: Api(self), "127.0.0.1", asked.telnyx, backlog=1000)
        free: asyncio.Queue[Client] = asyncio.Queue()
        for _ in range(64):
            free.put_nowait((await loop.create_connection(Client, "127.0.0.1", asked.web))[1])
        latencies: list[float] = []
        calls = _calls(int(asked.seconds * (asked.rate or 1_500)))
        began = time.perf_counter()
        if asked.rate:
            tasks = []
            for number, call in enumerate(calls):
                due = began + number / asked.rate
                await asyncio.sleep(due - time.perf_counter())
                tasks.append(asyncio.create_task(self._call(call, due, free, latencies)))
        else:
            tasks = [
                asyncio.create_task(self._one_after_another(calls, began, free, latencies))
                for _ in range(asked.at_once)
            ]
        _, late = await asyncio.wait(tasks, timeout=asked.seconds + END_WITHIN_S)
        took = time.perf_counter() - began
        server.close()
        ordered = sorted(latencies) or [0.0]
        at = [percentile(ordered, share) * 1000 for share in (0.5, 0.95, 0.99)]
        return Figures(len(latencies), took, *at, self._resent, len(late))

    async def _one_after_another(
        self, calls: Iterator["Call"], began: float, free: "asyncio.Queue[Client]", latencies: list[float]
    ) -> None:
        for call in calls:
            if time.perf_counter() > began + self.asked.seconds:
                return
            await self._call(call, time.perf_counter(), free, latencies)

    async def _call(self, call: "Call", due: float, free: "asyncio.Queue[Client]", latencies: list[float]) -> None:
        self._came[call.leg] = came = asyncio.get_running_loop().create_future()
        await _tell(call.initiated, free)
        latencies.append(await came - due)
        await _tell(call.hangup, free)


class Call(msgspec.Struct, frozen=True):
    leg: str
    initiated: bytes
    hangup: bytes


async def _tell(webhook: bytes, free: "asyncio.Queue[Client]") -> None:
    client = await free.get()
    try:
        status = await client.ask(webhook)
    finally:
        free.put_nowait(client)
    if status != 200:
        raise RuntimeError(f"a webhook was answered {status}")


def _calls(count: int) -> Iterator[Call]:
    """Signed beforehand: that is Telnyx's work, not the pipeline's."""
    samples = [_sample(name) for name in ("call.initiated", "call.hangup")]
    return iter([_call(samples) for _ in range(count)])


def _call(samples: list[bytes]) -> Call:
    leg = f"v3:{uuid.uuid4().hex}"
    ids = {b"CONTROL": leg.encode(), b"LEG": str(uuid.uuid4()).encode(), b"SESSION": str(uuid.uuid4()).encode()}
    requests = []
    for sample in samples:
        body = sample.replace(b"EVENT", str(uuid.uuid4()).encode())
        for placeholder, value in ids.items():
            body = body.replace(placeholder, value)
        requests.append(request(body))
    return Call(leg, *requests)


def _sample(name: str) -> bytes:
    body = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    body["data"]["id"] = "EVENT"
    body["data"]["payload"] |= {
        "call_control_id": "CONTROL",
        "call_leg_id": "LEG",
        "call_session_id": "SESSION",
        "direction": "incoming",
        "client_state": None,
    }
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
    body["data"]["occurred_at"] = stamp
    return msgspec.json.encode(body)


if __name__ == "__main__":
    figures = uvloop.run(Outside(msgspec.json.decode(sys.argv[1], type=Asked)).play())
    sys.stdout.buffer.write(msgspec.json.encode(figures) + b"\n")
