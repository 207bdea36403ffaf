"""What becomes of a request on a real connection, with every kind of trouble on the way."""

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager

import pytest

from shared.commands import Hangup, Request, look_at_active_calls, request
from shared.ids import ControlId
from shared.telnyx import Answer, ApiError, Meaning, Telnyx, meaning

HANGUP = request(Hangup(), ControlId("v3:leg"), "cmd-1")
DIAL = Request("POST", "/calls", b'{"to":"+12025550111"}')
PATIENCE_S = 5.0

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


def http(status: int, body: bytes = b"", headers: str = "", length: int | None = None) -> bytes:
    """A response as bytes; `length` may lie."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {size}\r\n\r\n".encode() + body


OK = http(200, b'{"data":{"result":"ok"}}')


class Stub:
    """A server on loopback: each request gets the next reply, the last one again and again."""

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
                self.requests.append(await _read_request(reader))
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


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
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
async def talking(*replies: bytes | Reply, connections: int = 10) -> AsyncIterator[tuple[Telnyx, Stub]]:
    """A client and the server it talks to."""
    stub = Stub(replies)
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    telnyx = Telnyx(f"http://127.0.0.1:{port}/v2", "KEY123", connections)
    try:
        yield telnyx, stub
    finally:
        await telnyx.aclose()
        server.close()
        await stub.stop()


def answer_to(*replies: bytes | Reply, sent: Request = HANGUP, timeout_s: float = PATIENCE_S) -> Answer:
    """What the client makes of a server's reply to one request."""

    async def once() -> Answer:
        async with talking(*replies) as (telnyx, _):
            return await telnyx.send(sent, timeout_s)

    return asyncio.run(once())


def test_a_command_arrives_with_its_exact_bytes_and_our_key():
    async def once() -> list[tuple[str, dict[str, str], bytes]]:
        async with talking(OK) as (telnyx, stub):
            await telnyx.send(HANGUP, PATIENCE_S)
            return stub.requests

    ((line, headers, body),) = asyncio.run(once())

    assert line == "POST /v2/calls/v3:leg/actions/hangup HTTP/1.1"
    assert body == HANGUP.body == b'{"command_id":"cmd-1"}'
    assert headers["authorization"] == "Bearer KEY123"
    assert headers["content-type"] == "application/json"
    assert headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (request(Hangup(), ControlId("../../x?y"), None), "POST /v2/calls/..%2F..%2Fx%3Fy/actions/hangup"),
        (
            look_at_active_calls("2", "a="),
            "GET /v2/connections/2/active_calls?page%5Blimit%5D=250&page%5Bafter%5D=a%3D",
        ),
    ],
)
def test_a_path_is_sent_as_it_was_encoded(sent, line):
    async def once() -> str:
        async with talking(OK) as (telnyx, stub):
            await telnyx.send(sent, PATIENCE_S)
            return stub.requests[0][0]

    assert asyncio.run(once()) == f"{line} HTTP/1.1"


def test_data_comes_as_an_object():
    data = {"call_control_id": "v3:new", "call_leg_id": "l", "call_session_id": "s", "is_alive": False}

    answer = answer_to(http(200, json.dumps({"data": data}).encode()), sent=DIAL)

    assert answer == Answer(status=200, data=data, on_leg=False)


def test_data_and_errors_may_come_together():
    body = {"data": {"call_leg_id": "l"}, "errors": [{"code": 90018, "title": "t", "detail": "d"}]}

    answer = answer_to(http(200, json.dumps(body).encode()), sent=DIAL)

    assert answer.data == {"call_leg_id": "l"}
    assert answer.errors == (ApiError("90018", "t", "d"),)


def test_a_refusal_keeps_code_title_detail_and_wait():
    body = b'{"errors":[{"code":"10011","title":"Too many requests","detail":"Slow down"}]}'

    answer = answer_to(http(429, body, "Retry-After: 2\r\nX-Should-Retry: true\r\n"))

    assert answer == Answer(
        status=429,
        errors=(ApiError("10011", "Too many requests", "Slow down"),),
        retry_after_s=2.0,
        should_retry=True,
    )


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(close, id="closed without a word"),
        pytest.param(reset, id="reset"),
        pytest.param(stay_silent, id="silence"),
        pytest.param(trickle, id="a byte now and then"),
        pytest.param(half(b"HTTP/1.1 20"), id="half a status line"),
        pytest.param(half(b"HTTP/1.1 200 OK\r\nContent-"), id="half a head"),
        pytest.param(half(http(200, b'{"data":{}}', length=500)), id="half a body"),
        pytest.param(half(http(422, b'{"errors":[]}', length=500)), id="half a refusal"),
        pytest.param(http(200, b'{"data":{"resu'), id="broken JSON"),
        pytest.param(http(200, b""), id="empty body"),
        pytest.param(http(200, b"<html>"), id="HTML"),
        pytest.param(http(200, b"[]"), id="a list at the top"),
        pytest.param(http(200, b'{"data":"ok"}'), id="text as data"),
        pytest.param(http(200, b'{"data":{"x":"\xff"}}'), id="not UTF-8"),
        pytest.param(http(200, b'{"data":{"x":' + b"[" * 100_000), id="deep nesting"),
        pytest.param(http(200, gzip.compress(b'{"data":{}}'), "Content-Encoding: gzip\r\n"), id="encoded"),
        pytest.param(http(200, b"x", "Content-Length: 5\r\n"), id="two lengths"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", id="no HTTP"),
        pytest.param(http(200, b" " * 2_000_000 + b"{}"), id="2 MB"),
        pytest.param(chunked(200, b" " * 50_000, 40), id="2 MB in chunks"),
        pytest.param(http(200, b"{}", f"X: {'x' * 200_000}\r\n"), id="200 KB of head"),
    ],
)
def test_without_a_whole_answer_there_is_no_status_but_the_request_may_have_arrived(reply):
    answer = answer_to(reply, timeout_s=0.3 if reply in (stay_silent, trickle) else PATIENCE_S)

    assert (answer.status, answer.reached) == (None, True)
    assert answer.trouble
    assert meaning(answer) is Meaning.NO_PROOF


@pytest.mark.parametrize(("method", "is_read"), [("GET", True), ("POST", False)])
def test_a_list_may_be_longer_than_the_answer_to_a_command(method, is_read):
    answer = answer_to(http(200, b" " * 500_000 + b'{"data":{}}'), sent=Request(method, "/calls"))

    assert (answer.status == 200, answer.reached) == (is_read, True)


@pytest.mark.parametrize("body", [b"", b"<html>bad gateway</html>", b"\xff", b"[1]", b'{"errors": 5}'])
def test_a_refusal_needs_no_readable_body(body):
    assert answer_to(http(502, body)) == Answer(status=502)


def test_a_204_needs_no_body():
    assert answer_to(b"HTTP/1.1 204 No Content\r\n\r\n") == Answer(status=204)


@pytest.mark.parametrize("location", ["/v2/elsewhere", "http://[::1", "x:y", "http://xn--/"])
def test_a_redirect_is_an_answer_and_is_not_followed(location):
    async def once() -> tuple[Answer, int]:
        async with talking(http(307, b"", f"Location: {location}\r\n"), OK) as (telnyx, stub):
            return await telnyx.send(HANGUP, PATIENCE_S), len(stub.requests)

    assert asyncio.run(once()) == (Answer(status=307), 1)


def test_a_refused_connection_has_certainly_sent_nothing():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = asyncio.run(_send_to(unused.getsockname()[1]))

    assert (answer.status, answer.reached) == (None, False)


def test_a_connection_that_is_never_accepted_has_certainly_sent_nothing():
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # fills the backlog; the kernel drops what comes then
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())

        answer = asyncio.run(_send_to(full.getsockname()[1], timeout_s=0.3))

    assert (answer.status, answer.reached) == (None, False)


async def _send_to(port: int, timeout_s: float = PATIENCE_S) -> Answer:
    telnyx = Telnyx(f"http://127.0.0.1:{port}/v2", "KEY123")
    try:
        return await telnyx.send(HANGUP, timeout_s)
    finally:
        await telnyx.aclose()


def test_a_request_that_gets_no_turn_has_certainly_sent_nothing():
    async def both() -> tuple[Answer, Answer, int]:
        async with talking(stay_silent, connections=1) as (telnyx, stub):
            first = asyncio.create_task(telnyx.send(HANGUP, 0.4))
            second = asyncio.create_task(telnyx.send(HANGUP, 0.2))
            return await first, await second, len(stub.requests)

    first, second, requests = asyncio.run(both())

    assert (first.reached, second.reached, requests) == (True, False, 1)


def test_on_written_is_told_once_the_request_is_out_though_no_answer_comes():
    written: list[int] = []

    async def once() -> tuple[Answer, int]:
        async with talking(stay_silent) as (telnyx, stub):
            return await telnyx.send(HANGUP, 0.2, lambda: written.append(1)), len(stub.requests)

    answer, requests = asyncio.run(once())

    assert (answer.status, requests, written) == (None, 1, [1])


def test_on_written_is_not_told_when_nothing_was_sent():
    written: list[int] = []

    async def once(port: int) -> None:
        telnyx = Telnyx(f"http://127.0.0.1:{port}/v2", "KEY123")
        await telnyx.send(HANGUP, PATIENCE_S, lambda: written.append(1))
        await telnyx.aclose()

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        asyncio.run(once(unused.getsockname()[1]))

    assert not written


@pytest.mark.parametrize("first", [http(404), http(401), OK])
def test_a_warm_connection_is_the_one_that_the_first_command_takes(first):
    async def once() -> tuple[Answer, int]:
        async with talking(first.split(b"\r\n\r\n")[0] + b"\r\n\r\n", OK) as (telnyx, stub):
            await telnyx.warm()
            return await telnyx.send(HANGUP, PATIENCE_S), stub.connections

    answer, connections = asyncio.run(once())

    assert (answer.status, connections) == (200, 1)


def test_requests_at_once_have_a_connection_each_and_later_ones_take_those_again():
    async def thrice() -> int:
        async with talking(OK) as (telnyx, stub):
            for _ in range(3):
                await asyncio.gather(*(telnyx.send(HANGUP, PATIENCE_S) for _ in range(4)))
            return stub.connections

    assert asyncio.run(thrice()) == 4


def test_a_connection_on_which_a_request_was_given_up_is_closed():
    async def twice() -> tuple[int | None, int]:
        async with talking(stay_silent, OK) as (telnyx, stub):
            await telnyx.send(HANGUP, 0.1)
            answer = await telnyx.send(HANGUP, PATIENCE_S)
            return answer.status, stub.connections

    assert asyncio.run(twice()) == (200, 2)


@pytest.mark.parametrize("reply", [close, reset])
def test_warming_never_fails_a_start(reply):
    async def once() -> Answer:
        async with talking(reply, OK) as (telnyx, _):
            await telnyx.warm()
            return await telnyx.send(HANGUP, PATIENCE_S)

    assert asyncio.run(once()).status == 200


def test_a_cookie_of_one_answer_is_not_carried_into_the_next_request():
    async def once() -> dict[str, str]:
        async with talking(http(200, b"{}", "Set-Cookie: a=b; Path=/\r\n")) as (telnyx, stub):
            await telnyx.send(HANGUP, PATIENCE_S)
            await telnyx.send(HANGUP, PATIENCE_S)
            return stub.requests[1][1]

    assert "cookie" not in asyncio.run(once())


@pytest.mark.parametrize("keep", [pytest.param("close", id="one each"), pytest.param("keep-alive", id="kept")])
def test_cancelled_requests_lose_no_connection(keep):
    """Half of the requests are cancelled, a step of the event loop later every time."""
    reply = http(200, b"{}", f"Connection: {keep}\r\n")

    async def once() -> list[int | None]:
        async with talking(half(reply) if keep == "close" else reply, connections=4) as (telnyx, stub):
            for steps in range(120):
                tasks = [asyncio.create_task(telnyx.send(HANGUP, PATIENCE_S)) for _ in range(4)]
                for _ in range(steps % 40):
                    await asyncio.sleep(0)
                for task in tasks[::2]:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            answers = await asyncio.gather(*(telnyx.send(HANGUP, PATIENCE_S) for _ in range(12)))
            if keep == "close":
                await asyncio.wait_for(stub.idle.wait(), PATIENCE_S)
            assert stub.open <= 4
            return [answer.status for answer in answers]

    assert asyncio.run(once()) == [200] * 12


def test_a_cancelled_request_is_not_sent_later():
    """Cancelled while it connects, it must not reach Telnyx after its caller was told that nothing was sent."""

    async def once() -> list[str]:
        async with talking(OK) as (telnyx, stub):
            for steps in range(60):
                sending = asyncio.create_task(telnyx.send(HANGUP, PATIENCE_S))
                for _ in range(steps % 4):
                    await asyncio.sleep(0)
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            await telnyx.send(DIAL, PATIENCE_S)
            return [line for line, _, _ in stub.requests]

    assert asyncio.run(once()) == ["POST /v2/calls HTTP/1.1"]


def test_closing_waits_for_what_is_in_flight():
    async def once() -> Answer:
        asked, may_answer = asyncio.Event(), asyncio.Event()

        async def answer_late(writer: asyncio.StreamWriter) -> None:
            asked.set()
            await may_answer.wait()
            writer.write(OK)

        async with talking(answer_late) as (telnyx, _):
            sending = asyncio.create_task(telnyx.send(HANGUP, PATIENCE_S))
            await asyncio.wait_for(asked.wait(), PATIENCE_S)
            closing = asyncio.create_task(telnyx.aclose())
            await asyncio.sleep(0)
            may_answer.set()
            await closing
            return await sending

    assert asyncio.run(once()).status == 200
