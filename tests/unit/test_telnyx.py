"""What becomes of a request on a real connection: how it is sent, and what is read of every kind of answer."""

import asyncio
import gzip
import json

import pytest

from shared.commands import Hangup, Request, look_at_active_calls, request
from shared.ids import ControlId
from shared.telnyx import Answer, ApiError, Meaning, meaning
from tests.raw_telnyx import OK, Reply, chunked, close, half, http, reset, stay_silent, talking, trickle

HANGUP = request(Hangup(), ControlId("v3:leg"), "cmd-1")
DIAL = Request("POST", "/calls", b'{"to":"+12025550111"}')
PATIENCE_S = 5.0


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
        (look_at_active_calls("2/3"), "GET /v2/connections/2%2F3/active_calls?page%5Blimit%5D=250"),
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


def test_a_cookie_of_one_answer_is_not_carried_into_the_next_request():
    async def once() -> dict[str, str]:
        async with talking(http(200, b"{}", "Set-Cookie: a=b; Path=/\r\n")) as (telnyx, stub):
            await telnyx.send(HANGUP, PATIENCE_S)
            await telnyx.send(HANGUP, PATIENCE_S)
            return stub.requests[1][1]

    assert "cookie" not in asyncio.run(once())
