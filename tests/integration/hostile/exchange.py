"""Plays cases against the web process: one raw connection each, all at once, each to its very end."""

import asyncio
import re
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple

from tests.integration.hostile.case import Case

PATIENCE_S: Final = 25.0  # a head, a body and an idle connection have 5 s each; and a margin

_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)\r\n")


class Answer(NamedTuple):
    """`head` is in lower case and without its date."""

    status: int
    head: bytes
    body: bytes


class Played(NamedTuple):
    case: Case
    answers: tuple[Answer, ...]
    answered_s: float  # until the first byte of an answer, or the end, since the connection was asked for
    ended: bool  # by the server

    @property
    def statuses(self) -> tuple[int, ...]:
        return tuple(answer.status for answer in self.answers)


def play(port: int, cases: Iterable[Case]) -> list[Played]:
    """Every case at the same time: so their deadlines overlap, and none may hold up another."""
    return asyncio.run(_all(port, cases))


async def _all(port: int, cases: Iterable[Case]) -> list[Played]:
    return list(await asyncio.gather(*(_play(port, case) for case in cases)))


async def _play(port: int, case: Case) -> Played:
    loop = asyncio.get_running_loop()
    received = bytearray()
    begun = time.monotonic()
    with socket.socket() as connection:
        connection.setblocking(False)
        connection.bind((case.source, 0))
        await loop.sock_connect(connection, ("127.0.0.1", port))
        first = loop.create_future()
        end = loop.create_task(_receive(connection, received, first))
        with suppress(OSError):  # it may have been refused before all of it was sent
            for part in case.parts:
                await loop.sock_sendall(connection, part)
                if case.pause_s:
                    await asyncio.wait({end}, timeout=case.pause_s)
        await asyncio.wait({end}, timeout=PATIENCE_S)
        ended = end.done()
        end.cancel()
    answered = first.result() if first.done() else time.monotonic()
    return Played(case, tuple(answers_in(bytes(received))), answered - begun, ended)


async def _receive(connection: socket.socket, received: bytearray, first: "asyncio.Future[float]") -> None:
    """Read to the end. What had come before a reset is read all the same."""
    loop = asyncio.get_running_loop()
    with suppress(ConnectionResetError):
        while piece := await loop.sock_recv(connection, 65_536):
            received += piece
            if not first.done():
                first.set_result(time.monotonic())
    if not first.done():
        first.set_result(time.monotonic())


def answers_in(received: bytes) -> Iterable[Answer]:
    """The answers in a stream, without interim ones. Fails on anything that is no whole answer."""
    while received:
        head, end, received = received.partition(b"\r\n\r\n")
        assert end, head
        version, status = head.split(b" ")[:2]
        assert version == b"HTTP/1.1", head
        if status == b"100":
            continue
        lower = re.sub(rb"\r\ndate: [^\r]*", b"", head.lower()) + b"\r\n"
        length = _LENGTH.search(lower)
        assert length, head
        size = int(length[1])
        assert len(received) >= size, head
        yield Answer(int(status), lower, received[:size])
        received = received[size:]
