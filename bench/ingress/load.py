"""Signed events over some connections, as fast as they are answered or at a rate; one JSON line of figures.

`python -m bench.ingress.load PORT CONNECTIONS SECONDS RATE`: a process of its own, whose cost is not the server's.
"""

import asyncio
import base64
import itertools
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import uvloop
from nacl.signing import SigningKey

from bench.side_by_side import percentile
from console.samples import FOLDER

KEY: Final = SigningKey(b"trunkline bench: the signing key")
PUBLIC_KEY: Final = base64.b64encode(bytes(KEY.verify_key)).decode()
PATH: Final = "/webhooks/telnyx"
SAMPLE: Final = FOLDER / "call.initiated.json"
ONE_ID: Final = b"00000000-0000-4000-8000-000000000001"
MOST: Final = 120_000  # requests prepared beforehand
MOST_PER_S: Final = 8_000  # of them, where there is no rate


class Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._got = b""
        self._answer: asyncio.Future[int] | None = None

    async def ask(self, request: bytes) -> int:
        """The status of the answer. Raises ConnectionError when the server has closed the connection."""
        if self._transport.is_closing():
            raise ConnectionError("the server has closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end:
            return
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if len(body) >= (int(lengths[0].partition(b":")[2]) if lengths else 0):
            self._got = b""
            answer, self._answer = self._answer, None
            if answer is not None and not answer.done():
                answer.set_result(int(head[9:12]))

    def connection_lost(self, _reason: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server has closed the connection"))


class Answer(NamedTuple):
    """`latency_s` counts from when the request was due."""

    status: int
    latency_s: float


def prepared(count: int) -> list[bytes]:
    """Requests, each an event of its own about a call of its own."""
    sample = msgspec.json.encode(msgspec.json.decode(SAMPLE.read_bytes()))  # as it comes over the wire
    return [request(sample.replace(ONE_ID, str(uuid.uuid4()).encode())) for _ in range(count)]


def request(body: bytes) -> bytes:
    """A webhook with this body, signed now."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in signed(body).items())
    head = f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n{fields}\r\n"
    return head.encode() + body


def signed(body: bytes) -> dict[str, str]:
    """The headers of a webhook with this body."""
    stamp = str(int(time.time()))
    signature = base64.b64encode(KEY.sign(stamp.encode() + b"|" + body).signature).decode()
    return {
        "content-type": "application/json",
        "telnyx-timestamp": stamp,
        "telnyx-signature-ed25519": signature,
    }


async def play(port: int, connections: int, seconds: float, rate: float) -> dict[str, object]:
    """`rate` in events a second, or 0 for as many as are answered. Raises ConnectionError."""
    requests = iter(prepared(min(MOST, int(seconds * (rate or MOST_PER_S)))))
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(Client, "127.0.0.1", port))[1] for _ in range(connections)]
    answers: list[Answer] = []
    numbers = itertools.count()
    began = time.perf_counter()

    async def ask_on(client: Client) -> None:
        for one in requests:
            due = began + next(numbers) / rate if rate else time.perf_counter()
            if due > began + seconds:
                return
            await asyncio.sleep(due - time.perf_counter())
            status = await client.ask(one)
            answers.append(Answer(status, time.perf_counter() - due))
            if time.perf_counter() > began + seconds:
                return

    await asyncio.gather(*map(ask_on, clients))
    return figures(answers, time.perf_counter() - began)


def figures(answers: Sequence[Answer], seconds: float) -> dict[str, object]:
    ordered = sorted(answer.latency_s for answer in answers)
    return {
        "answers": Counter(answer.status for answer in answers),
        "seconds": seconds,
        "p50_ms": percentile(ordered, 0.5) * 1000,
        "p99_ms": percentile(ordered, 0.99) * 1000,
    }


if __name__ == "__main__":
    port, connections, seconds, rate = sys.argv[1:]
    measured = uvloop.run(play(int(port), int(connections), float(seconds), float(rate)))
    sys.stdout.buffer.write(msgspec.json.encode(measured) + b"\n")
