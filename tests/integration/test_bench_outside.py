"""The far side of the pipeline's contest, beside a server that refuses webhooks or closes its connections."""

import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import msgspec
import pytest

from bench.child import Child
from bench.pipeline.outside import CONNECTIONS, Asked, Figures
from console.embedded import free_port

RATE = 200.0
CALLS = 2 * CONNECTIONS  # so that each is used again


class Pipeline(BaseHTTPRequestHandler):
    """A web process and a worker in one, which rejects every caller."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        data = json.loads(self.rfile.read(int(self.headers["content-length"])))["data"]
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()
        if self.server.status == 200 and data["event_type"] == "call.initiated":
            leg = quote(data["payload"]["call_control_id"], safe="")
            telnyx = HTTPConnection("127.0.0.1", self.server.telnyx)
            telnyx.request("POST", f"/v2/calls/{leg}/actions/reject")
            telnyx.getresponse().read()
            telnyx.close()
        self.close_connection = self.server.closes

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 100  # all connections come at once
    daemon_threads = True


@pytest.fixture
def pipeline():
    with Server(("127.0.0.1", 0), Pipeline) as server:
        server.status, server.closes, server.telnyx = 200, False, free_port()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def play(pipeline, rate=RATE):
    asked = Asked(pipeline.server_port, pipeline.telnyx, CALLS / RATE, rate, at_once=2, answers_in=0.0)
    with Child(["-m", "bench.pipeline.outside", msgspec.json.encode(asked).decode()]) as outside:
        return msgspec.json.decode(outside.output(), type=Figures)


@pytest.mark.parametrize("closes", [False, True])
def test_every_call_is_counted_also_where_the_server_closes_its_connections(pipeline, closes):
    pipeline.closes = closes

    figures = play(pipeline)

    assert (figures.calls, figures.lost, figures.resent) == (CALLS, 0, 0)


@pytest.mark.parametrize("rate", [RATE, 0.0])
def test_a_webhook_that_is_refused_ends_the_run(pipeline, rate):
    pipeline.status = 503

    with pytest.raises(RuntimeError, match="a webhook was answered 503"):
        play(pipeline, rate)
