"""SIGTERM in the middle of work: both kinds of process finish what they hold, lose nothing, and exit with 0."""

import socket

from tests import signing
from tests.e2e.busy import DONE, busy
from tests.e2e.stack import WEBHOOKS
from tests.waiting import wait_until

CALLS = 12


def test_a_worker_that_is_told_to_stop_in_the_middle_of_calls_loses_nothing(own_stack):
    stack = own_stack("--speed", "5").start("web", "routing", "routing")
    sessions = busy(stack, CALLS)

    exit_code = stack.running["routing"].terminate()
    stack.until_quiet()

    assert exit_code == 0
    assert [stack.sim.commands(session) for session in sessions] == [DONE] * CALLS
    assert {call.step.at for call in stack.books.calls()} == {"over"}
    assert stack.books.audit().is_balanced
    assert stack.running["routing.2"].is_alive


def test_a_worker_alone_that_is_told_to_stop_leaves_the_rest_to_its_successor(own_stack):
    stack = own_stack("--speed", "5").start("web", "routing")
    sessions = busy(stack, CALLS)

    exit_code = stack.running.pop("routing").terminate()
    still_held = stack.books.held()
    stack.start("routing")
    stack.until_quiet()

    assert exit_code == 0
    assert still_held == []  # a successor need not wait for a lease or a claim to end
    assert [stack.sim.commands(session) for session in sessions] == [DONE] * CALLS
    assert stack.books.audit().is_balanced


def test_a_web_process_that_is_told_to_stop_answers_what_is_in_flight(own_stack):
    stack = own_stack("--adopt").start("web", "routing")
    web = stack.running["web"]
    body = signing.webhook_body(direction="incoming", to="+13125550999")
    head = {"host": "x", "content-length": str(len(body)), **signing.signed(body)}
    request = f"POST {WEBHOOKS} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in head.items())
    with socket.create_connection((stack.http.base_url.host, stack.http.base_url.port), timeout=5) as connection:
        connection.sendall(request.encode() + b"\r\n" + body[:-1])
        assert stack.status("/health") == 200  # answered after it has read the above

        web.popen.terminate()
        wait_until(lambda: "Shutting down" in web.output, "it is stopping")
        connection.sendall(body[-1:])
        answer = connection.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 200")
    assert web.ended() == 0
    stack.until_worked_off()
    assert (stack.books.audit().applied, stack.books.audit().is_balanced) == (1, True)
