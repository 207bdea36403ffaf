"""One call that a real web process and a real worker have handled, with a Telnyx that takes every command."""

import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import httpx
import msgspec
import redis

from bench.child import Child
from bench.growth.copies import Stored, read
from bench.ingress.load import PATH, signed
from bench.pipeline.contest import environment
from bench.web import is_ready
from console.embedded import free_port
from console.samples import FOLDER
from shared import ids, queues
from shared.ids import SessionId

LIVE: Final = ("call.initiated", "call.answered", "call.bridged")
OVER: Final = (*LIVE, "call.hangup")
NUMBER: Final = "+12025550178"  # that the sample events name as called
PLAN: Final = f"""
version = 1
timezone = "UTC"
voice = "female"
[limits]
allow = ["+1*"]
[[rules]]
name = "desk"
when = {{ to = "{NUMBER}" }}
then = {{ do = "transfer", to = "+13125550111" }}
[default]
then = {{ do = "reject" }}
"""


def play(redis_url: str, names: tuple[str, ...]) -> Stored:
    """Play these events of one call by a fleet, on a server that is emptied. Raises RuntimeError when it fails."""
    with redis.Redis.from_url(redis_url) as client, tempfile.TemporaryDirectory() as folder, _telnyx() as telnyx:
        client.flushall()
        plan = Path(folder) / "dialplan.toml"
        plan.write_text(PLAN)
        web = free_port()
        env = environment(redis_url, Path(folder), web, telnyx) | {"DIALPLAN": str(plan)}
        own = {name: str(uuid.uuid4()) for name in ("call_leg_id", "call_session_id")}
        events = []
        with Child(["-m", "ingress"], env) as server, Child(["-m", "workers", "routing"], env) as worker:
            server.until(lambda: is_ready(web), "the web process is ready")
            for name in names:
                events.append(str(uuid.uuid4()))
                body = _event(name, events[-1], own)
                httpx.post(f"http://127.0.0.1:{web}{PATH}", content=body, headers=signed(body), trust_env=False)
                worker.until(lambda: _is_settled(client, len(events)), f"{name} is applied, its commands answered")
        call = ids.inbound_call_id(SessionId(own["call_session_id"]))
        return read(client, call, tuple(one.encode() for one in (call, *events, *own.values())))


def _event(name: str, event: str, own: dict[str, str]) -> bytes:
    body = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    body["data"] |= {"id": event, "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())}
    body["data"]["payload"] |= {**own, "direction": "incoming", "to": NUMBER, "client_state": None}
    return msgspec.json.encode(body)


def _is_settled(client: redis.Redis, events: int) -> bool:
    """So many events are applied, and no command waits."""
    applied = int(client.hget(queues.STATS, "applied") or 0)
    return applied >= events and not client.zcard(queues.drain_key("routing"))


class _Taken(BaseHTTPRequestHandler):
    """Telnyx, which takes every command."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        answer = b'{"data":{"result":"ok"}}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _telnyx() -> Iterator[int]:
    """A context: the port that it listens on."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Taken) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
