"""Thousands of damaged requests to the web process: each has one of the answers there are, or a closed connection.

`--hypothesis-profile long` plays 50 times as many.
"""

import asyncio
import re
import socket
from collections import Counter
from contextlib import suppress
from random import Random

from hypothesis import settings

from tests.integration.hostile.mutations import mutated
from tests.signing import signed, webhook_body

REQUESTS = 50 * settings.default.max_examples
AT_ONCE = 40
SEED = 1
GIVE_UP_S = 0.05  # without an answer by then the request has no end: we end it, and the server must as well
CLOSED_WITHIN_S = 2 * 5.0

ANSWERS = {200, 202, 400, 401, 404, 405, 408, 411, 413, 414, 415, 417, 422, 429, 431}
MET = {200, 400, 401, 404, 405, 411, 413, 415, 417, 422}  # else the mutations would prove little

STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


def test_damaged_requests_are_answered_or_closed_and_never_harm(web, valkey):
    requests = drawn(REQUESTS)

    statuses = asyncio.run(play(web.port, requests))

    assert set(statuses) <= ANSWERS, statuses
    assert set(statuses) >= MET, statuses
    assert web.popen.poll() is None
    assert '"level": "error"' not in web.output
    assert "Traceback" not in web.output
    body = webhook_body()
    assert web.http.post("/webhooks/telnyx", content=body, headers=signed(body)).status_code == 200
    assert valkey.hget("trunkline:stats", "accepted") == str(valkey.llen("rq:queue:routing")).encode()


def drawn(count):
    random = Random(SEED)
    return [mutated(random) for _ in range(count)]


async def play(port, requests):
    """How often each status came; fails where a connection stays open."""
    statuses = Counter()
    left = iter(enumerate(requests))

    async def one_after_the_other():
        for number, raw in left:
            statuses.update(await answers(port, number, raw))

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return statuses


async def answers(port, number, raw):
    """The statuses that one request, or what it has become, is answered with until the connection is closed.

    Each from an address of its own: 100 bad signatures in 10 s would hide all else behind 429.
    """
    loop = asyncio.get_running_loop()
    received = bytearray()
    with socket.socket() as connection:
        connection.setblocking(False)
        connection.bind((f"127.1.{number // 250 % 250}.{number % 250 + 1}", 0))
        await loop.sock_connect(connection, ("127.0.0.1", port))
        with suppress(OSError):
            await loop.sock_sendall(connection, raw)
        end = loop.create_task(receive(connection, received))
        await asyncio.wait({end}, timeout=GIVE_UP_S)
        with suppress(OSError):  # closed already
            connection.shutdown(socket.SHUT_WR)
        done, _ = await asyncio.wait({end}, timeout=CLOSED_WITHIN_S)
        end.cancel()
    assert done, f"still open: {raw!r}"
    return [int(status) for status in STATUS.findall(received) if status != b"100"]


async def receive(connection, received):
    loop = asyncio.get_running_loop()
    with suppress(ConnectionResetError):
        while piece := await loop.sock_recv(connection, 65_536):
            received += piece
