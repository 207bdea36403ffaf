"""One call that a real web process and a real worker have handled, as it stands in Valkey; and many like it.

To play 100,000 calls takes minutes. So one is played, its keys are read, and copies of them are written with other
ids: byte for byte what `workers/delivery` commits, as every id is as long as the one it stands for.
"""

import os
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import msgspec
import redis

from bench.child import Child
from bench.ingress.load import PATH, signed
from bench.pipeline.contest import told_to
from console.embedded import free_port
from console.samples import FOLDER
from shared import calls, ids, queues
from shared.ids import CallId, SessionId

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
WITHIN_S: Final = 10.0
AT_ONCE: Final = 50  # copies, before they are sent


class Stored(NamedTuple):
    """A call's own keys, and the ids in them that are its own."""

    call: CallId
    hashes: dict[bytes, dict[bytes, bytes]]
    sets: dict[bytes, set[bytes]]
    lists: dict[bytes, list[bytes]]
    strings: dict[bytes, bytes]
    ttls: dict[bytes, int]  # seconds, of the keys that end
    own: tuple[bytes, ...]
    is_live: bool


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


def play(redis_url: str, names: tuple[str, ...]) -> Stored:
    """Play these events of one call by a fleet, on a server that is emptied. Raises RuntimeError when it fails."""
    with redis.Redis.from_url(redis_url) as client, tempfile.TemporaryDirectory() as folder, _telnyx() as telnyx:
        client.flushall()
        plan = Path(folder) / "dialplan.toml"
        plan.write_text(PLAN)
        web = free_port()
        env = told_to(redis_url, Path(folder), web, telnyx) | {"DIALPLAN": str(plan)}
        own = {name: str(uuid.uuid4()) for name in ("call_leg_id", "call_session_id")}
        events = []
        with Child(["-m", "ingress"], env) as server, Child(["-m", "workers", "routing"], env) as worker:
            server.until(lambda: _is_ready(web), "the web process is ready")
            for name in names:
                events.append(str(uuid.uuid4()))
                body = _event(name, events[-1], own)
                httpx.post(f"http://127.0.0.1:{web}{PATH}", content=body, headers=signed(body), trust_env=False)
                worker.until(lambda: _is_settled(client, len(events)), f"{name} is applied, its commands answered")
        return _read(client, ids.inbound_call_id(SessionId(own["call_session_id"])), events, own)


def copy(client: redis.Redis, stored: Stored, count: int) -> None:
    """So many more calls like it. Raises RuntimeError when not all of them arrived.

    The commands that write one call are packed once; for each copy the ids in those bytes are replaced.
    """
    before = client.dbsize()
    connection = client.connection_pool.get_connection()
    try:
        commands = b"".join(connection.pack_commands(_writes(stored)))
        connection.send_command("CLIENT", "REPLY", "OFF")
        for begin in range(0, count, AT_ONCE):
            copies = (_other(commands, stored.own) for _ in range(min(AT_ONCE, count - begin)))
            connection.send_packed_command([b"".join(copies)])
        connection.send_command("CLIENT", "REPLY", "ON")
        connection.read_response()
    finally:
        connection.disconnect()
        client.connection_pool.release(connection)
    keys = sum(map(len, (stored.hashes, stored.sets, stored.lists, stored.strings)))
    arrived = client.dbsize() - before
    if arrived < keys * count:
        raise RuntimeError(f"{arrived} keys of {count} calls with {keys} each")


def _writes(stored: Stored) -> list[tuple[object, ...]]:
    """As commands."""
    writes: list[tuple[object, ...]] = []
    for key, fields in stored.hashes.items():
        writes.append(("HSET", key, *(part for pair in fields.items() for part in pair)))
    writes += [("SADD", key, *members) for key, members in stored.sets.items()]
    writes += [("RPUSH", key, *entries) for key, entries in stored.lists.items()]
    writes += [("SET", key, value) for key, value in stored.strings.items()]
    writes += [("EXPIRE", key, seconds) for key, seconds in stored.ttls.items()]
    writes.append(("ZADD", queues.CALLS, time.time(), stored.call))
    if stored.is_live:
        writes.append(("ZADD", queues.ALIVE, time.time(), stored.call))
    return writes


def _other(commands: bytes, own: tuple[bytes, ...]) -> bytes:
    for one in own:
        commands = commands.replace(one, str(uuid.UUID(bytes=os.urandom(16))).encode())
    return commands


def _read(client: redis.Redis, call: CallId, events: list[str], own: dict[str, str]) -> Stored:
    stored = Stored(
        call, {}, {}, {}, {}, {}, _ids(call, events, own), client.zscore(queues.ALIVE, call) is not None
    )
    readers: dict[bytes, tuple[dict[bytes, Any], Any]] = {
        b"hash": (stored.hashes, client.hgetall),
        b"set": (stored.sets, client.smembers),
        b"list": (stored.lists, lambda key: client.lrange(key, 0, -1)),
        b"string": (stored.strings, client.get),
    }
    for key in client.scan_iter("trunkline:*"):
        if any(one in key for one in stored.own):
            into, read = readers[client.type(key)]
            into[key] = read(key)
            if (ttl := client.ttl(key)) > 0:
                stored.ttls[key] = ttl
    calls.decode(stored.hashes[queues.call_key(call).encode()][b"record"])
    return stored


def _ids(call: CallId, events: list[str], own: dict[str, str]) -> tuple[bytes, ...]:
    return tuple(one.encode() for one in (call, *events, *own.values()))


def _event(name: str, event: str, own: dict[str, str]) -> bytes:
    body = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    body["data"] |= {"id": event, "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())}
    body["data"]["payload"] |= {**own, "direction": "incoming", "to": NUMBER, "client_state": None}
    return msgspec.json.encode(body)


def _is_settled(client: redis.Redis, events: int) -> bool:
    """So many events are applied, and no command waits."""
    applied = int(client.hget(queues.STATS, "applied") or 0)
    return applied >= events and not client.zcard(queues.drain_key("routing"))


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def _telnyx() -> Iterator[int]:
    """A context: the port that it listens on."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Taken) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
