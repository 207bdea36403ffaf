"""A flood of bad signatures: good events from the same address pass in time, and what is remembered is bounded."""

import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from ingress.bad_signatures import LIMIT, MAX_PEERS
from tests.integration.hostile.case import Case
from tests.integration.hostile.exchange import play
from tests.integration.hostile.memory import MAY_GROW_KB, resident_kb
from tests.integration.hostile.wire import post
from tests.signing import OTHER_KEY, signed, webhook_body

CONNECTIONS = 4
ROUNDS = 25
AT_ONCE = 50  # on one connection, one behind the other
ACCEPTED_WITHIN_S = 2 * 1.0  # what is promised, and a margin of two
PEERS_AT_ONCE = 200
CUT_OFF_WITHIN_S = 2 * 5.0


def badly_signed(*more):
    body = webhook_body()
    return post(
        body, *more, **{name.replace("-", "_"): value for name, value in signed(body, key=OTHER_KEY).items()}
    )


def test_bad_signatures_at_full_speed_neither_stop_nor_delay_good_events_of_the_same_address(web, valkey):
    good = []
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        flood = [threads.submit(pour, web.port) for _ in range(CONNECTIONS)]
        while not all(stream.done() for stream in flood):
            good.append(timed(web))
    bad = sum((stream.result() for stream in flood), Counter())

    assert bad == {401: LIMIT, 429: CONNECTIONS * ROUNDS * AT_ONCE - LIMIT}
    assert len(good) >= 10
    assert {status for status, _ in good} == {200}
    assert max(seconds for _, seconds in good) < ACCEPTED_WITHIN_S
    assert valkey.hgetall("trunkline:stats") == {b"accepted": str(len(good)).encode()}


def pour(port):
    """How often each status came back on one connection."""
    statuses = Counter()
    raw = badly_signed() * AT_ONCE
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for _ in range(ROUNDS):
            connection.sendall(raw)
            received = b""
            while received.count(b"\r\n\r\n") < AT_ONCE:
                received += connection.recv(65_536)
            statuses.update(int(answer[9:12]) for answer in received.split(b"\r\n\r\n") if answer)
    return statuses


def timed(web):
    body = webhook_body()
    begun = time.monotonic()
    status = web.http.post("/webhooks/telnyx", content=body, headers=signed(body)).status_code
    return status, time.monotonic() - begun


def test_of_many_addresses_the_one_unseen_for_longest_is_forgotten(web, valkey):
    last = badly_signed(b"connection: close")
    first = Case(49, "the first", (401,) * LIMIT + (429,), (badly_signed() * LIMIT, last), source="127.2.255.1")
    others = [
        Case(49, f"number {i}", (401,), (last,), source=f"127.2.{i // 250}.{i % 250 + 1}")
        for i in range(MAX_PEERS)
    ]
    assert [one.statuses for one in play(web.port, [first])] == [first.answers]

    all_but_one = others[1:]
    statuses = {one.statuses for some in in_batches(all_but_one) for one in play(web.port, some)}
    remembered = first._replace(parts=(last,), answers=(429,))
    assert statuses == {(401,)}
    assert [one.statuses for one in play(web.port, [remembered])] == [(429,)]

    statuses = {one.statuses for some in in_batches(others) for one in play(web.port, some)}
    assert statuses == {(401,)}
    assert [one.statuses for one in play(web.port, [remembered])] == [(401,)]


def in_batches(cases):
    """As many at once as there are files that one process may open."""
    return [cases[start : start + PEERS_AT_ONCE] for start in range(0, len(cases), PEERS_AT_ONCE)]


SMALL = b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n"
WIDE = b"GET /nowhere HTTP/1.1\r\nhost: x\r\nx: %s\r\n\r\n" % (b"a" * 8_000)  # so that few are read at once


@pytest.mark.parametrize(("raw", "at_most"), [(SMALL * 2_000, 300), (WIDE * 20, 2_000)], ids=["small", "wide"])
def test_who_piles_up_requests_and_takes_no_answers_is_cut_off_and_holds_little_memory(web, valkey, raw, at_most):
    memory_before = resident_kb(web.popen.pid)

    with taking_nothing(web.port) as connection, pytest.raises(ConnectionError):
        send_again_and_again(connection, raw, at_most)

    assert resident_kb(web.popen.pid) - memory_before < MAY_GROW_KB
    assert web.http.get("/health").status_code == 200


def test_of_too_many_requests_at_once_only_the_first_are_answered(web, valkey):
    received = bytearray()

    with socket.create_connection(("127.0.0.1", web.port), timeout=CUT_OFF_WITHIN_S) as connection:
        with suppress(ConnectionError):
            connection.sendall(SMALL * 8_000)
        with suppress(ConnectionError):  # the reset may also cost some of the answers
            while piece := connection.recv(65_536):
                received += piece

    assert received.count(b"HTTP/1.1 404") < 2_000


def taking_nothing(port):
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(CUT_OFF_WITHIN_S)
    connection.connect(("127.0.0.1", port))
    return connection


def send_again_and_again(connection, raw, at_most):
    for _ in range(at_most):
        connection.sendall(raw)
