"""Connections of the Telnyx client: what is certainly not sent, which are used again, and what is cancelled."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from shared.commands import Hangup, Request, request
from shared.ids import ControlId
from shared.telnyx import Answer, Telnyx
from tests.raw_telnyx import OK, close, half, http, reset, stay_silent, talking

HANGUP = request(Hangup(), ControlId("v3:leg"), "cmd-1")
DIAL = Request("POST", "/calls", b'{"to":"+12025550111"}')
PATIENCE_S = 5.0


async def send_to(
    port: int, timeout_s: float = PATIENCE_S, on_written: Callable[[], object] | None = None
) -> Answer:
    """What a client of its own makes of whatever is behind this port."""
    telnyx = Telnyx(f"http://127.0.0.1:{port}/v2", "KEY123")
    try:
        return await telnyx.send(HANGUP, timeout_s, on_written)
    finally:
        await telnyx.aclose()


def test_a_refused_connection_has_certainly_sent_nothing():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = asyncio.run(send_to(unused.getsockname()[1]))

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

        answer = asyncio.run(send_to(full.getsockname()[1], timeout_s=0.3))

    assert (answer.status, answer.reached) == (None, False)


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

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        asyncio.run(send_to(unused.getsockname()[1], on_written=lambda: written.append(1)))

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
