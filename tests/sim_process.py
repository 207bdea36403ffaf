"""The stand-in for Telnyx as a process, a receiver for its webhooks, and fixtures of both."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.telnyx_contract import OPERATIONS
from tests.waiting import wait_until

DESK, OURS, CALLER = "+13125550111", "+13125550300", "+12025550142"
DEADLINE_S = 8.0


class Receiver:
    """A webhook receiver that answers with the statuses it is given, in turn, and then with 200."""

    def __init__(self, *statuses, hangs_up=False):
        self.seen = []
        self.closed = 0
        """Connections that are closed at this end."""
        self._hangs_up = hangs_up
        self._statuses = iter(statuses)
        self._news = threading.Condition()
        self._server = self._listening()
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/telnyx"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _listening(self):
        receiver = self

        class Server(ThreadingHTTPServer):
            def shutdown_request(self, request):
                super().shutdown_request(request)
                with receiver._news:
                    receiver.closed += 1
                    receiver._news.notify_all()

        return Server(("127.0.0.1", 0), self._handler())

    def _handler(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver._note(self.headers, body)
                if status == 0:  # say nothing until the sender has gone
                    self.connection.recv(1)
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()
                self.close_connection = receiver._hangs_up  # without having said so

            def log_message(self, *_):
                pass

        return Handler

    def _note(self, headers, body):
        with self._news:
            self.seen.append((headers, body))
            self._news.notify_all()
            return next(self._statuses, 200)

    def wait(self, enough):
        """All envelopes so far, once `enough` of them holds."""
        with self._news:
            assert self._news.wait_for(lambda: enough(self.events()), DEADLINE_S), self.events()
            return self.events()

    def wait_closed(self, number):
        with self._news:
            assert self._news.wait_for(lambda: self.closed >= number, DEADLINE_S), self.closed

    def events(self):
        return [json.loads(body) for _, body in self.seen]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Simulator:
    """A running stand-in; `api` speaks as a client of Telnyx, `control` as the test."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator", "--die-with-parent", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ready = json.loads(self.process.stdout.readline())
        token = {"authorization": "Bearer key"}
        self.api = httpx.Client(base_url=self.ready["url"], headers=token, timeout=5)
        self.control = httpx.Client(base_url=self.ready["control"], timeout=5)

    def dial(self, to=DESK, **body):
        answer = self.api.post("/calls", json={"connection_id": "29", "from": OURS, "to": to, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def ring_in(self, **call):
        ids = self.control.post("/calls", json={"from": CALLER, "to": OURS, **call}).json()
        return ids["call_control_id"]

    def act(self, ccid, verb, **body):
        return self.api.post(f"/calls/{ccid}/actions/{verb}", json=body)

    def answered(self):
        ccid = self.ring_in()
        assert self.act(ccid, "answer").json() == {"data": {"result": "ok"}}
        return ccid

    def put(self, what, value):
        answer = self.control.put(f"/{what}", json=value)
        assert answer.status_code == 200, answer.text

    def get(self, what):
        return self.control.get(f"/{what}").json()

    def until(self, what, holds):
        """The control API's view of `what`, once it holds of that."""

        def look():
            view = self.get(what)
            return view if holds(view) else None

        return wait_until(look, f"the stand-in's {what}", DEADLINE_S)

    def until_idle(self):
        self.until("idle", lambda view: view["idle"])

    def close(self):
        self.api.close()
        self.control.close()
        self.process.terminate()
        self.process.communicate(timeout=5)


@pytest.fixture(scope="module")
def process():
    simulator = Simulator()
    yield simulator
    simulator.close()


@pytest.fixture
def sim(process):
    """As started: the calls, faults and settings of the test before are gone."""
    process.control.post("/reset")
    return process


@pytest.fixture
def receiver(sim):
    receiver = Receiver()
    sim.put("config", {"webhook_url": receiver.url})
    yield receiver
    receiver.close()


def failing(sim, *statuses):
    receiver = Receiver(*statuses)
    sim.put("config", {"webhook_url": receiver.url})
    return receiver


def types(events):
    return [event["data"]["event_type"] for event in events]


def first(events, event_type):
    """The `data` of the first event of a type, in whatever order they came."""
    return events[types(events).index(event_type)]["data"]


def code(answer):
    return answer.status_code, answer.json()["errors"][0]["code"]


def documented(operation):
    """The names of what an operation answers with."""
    return set(OPERATIONS[operation]["gives"])


def pages(sim, path, **query):
    """The data of every page, asked for by number until one is empty."""
    number, seen = 1, []
    while page := sim.api.get(path, params=query | {"page[number]": number}).json()["data"]:
        seen.append(page)
        number += 1
    return seen
